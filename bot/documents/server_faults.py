"""PostgreSQL's errors in our own: what passes by itself, and what whoever runs the bot has to mend.

By SQLSTATE (appendix A of PostgreSQL's manual). A connection that was refused carries none: there only
the server's words tell, and they are looked at, never quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from sqlalchemy.exc import DBAPIError, OperationalError

from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, SettingError

VARIABLE = "FM_DATABASE_URL"
READ_ONLY = "25006"
_WRONG_LOGIN = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "authentication failed",
    "is not permitted to log in",
)


def _wait(message: str, advice: str) -> Callable[[], FaultMavenError]:
    return partial(ProviderUnavailable, message, advice)


_BUSY = _wait("The database is busy", "Try again in a minute.")
_LOST = _wait(
    "The database can't be reached", f"Look whether PostgreSQL runs, and at host and port in {VARIABLE}."
)
_FULL = _wait(
    "The database has no room for another connection or query",
    "Raise max_connections or the memory of PostgreSQL, or run fewer replicas.",
)
_LOGIN = partial(
    SettingError,
    VARIABLE,
    "PostgreSQL refuses its user or password",
    "Try the same address with psql on this machine.",
)
_MISSING = partial(
    SettingError,
    VARIABLE,
    "names a database that doesn't exist",
    "Create it: CREATE DATABASE … ENCODING 'UTF8'",
)
_FAULTS: Mapping[str, Callable[[], FaultMavenError]] = {
    "08": _LOST,
    READ_ONLY: _wait(
        "The database takes no changes just now",
        f"Let {VARIABLE} lead to the primary: name all hosts, with target_session_attrs=read-write.",
    ),
    "25P03": _LOST,
    "25P04": _BUSY,
    "28": _LOGIN,
    "3D000": _MISSING,
    "40001": _BUSY,
    "40P01": _BUSY,
    "42501": partial(
        OperatorError,
        f"The user in {VARIABLE} lacks a right in the database",
        "Make it the database's owner: ALTER DATABASE … OWNER TO …",
    ),
    "53": _FULL,
    "53100": _wait("The disk of the database is full", "Free some space on its server."),
    "55P03": _BUSY,
    "57014": _BUSY,
    "57P": _LOST,
    "58": _wait(
        "The disk of the database can't be read or written",
        "Look for free space, quotas and disk errors on its server.",
    ),
    "XX001": partial(OperatorError, "The database is damaged", "Restore it from a backup."),
    "XX002": partial(OperatorError, "The database is damaged", "Restore it from a backup."),
}
"""By SQLSTATE, or the beginning of one."""


@contextmanager
def server_faults() -> Iterator[None]:
    """Raise what PostgreSQL says as RetryLater or OperatorError.

    Anything else, such as a broken constraint, is a bug of ours and passes as it is.
    """
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state is not None:
            fault = _fault(state)
        else:
            fault = _unanswered(str(error.orig)) if isinstance(error, OperationalError) else None
        if fault is None:
            raise
        raise fault from error


def _fault(state: str) -> FaultMavenError | None:
    for known in (state, state[:3], state[:2]):
        if known in _FAULTS:
            return _FAULTS[known]()
    return None


def _unanswered(words: str) -> FaultMavenError:
    """What a connection that was refused or lost says, in English if the server speaks it."""
    if any(sign in words for sign in _WRONG_LOGIN) or ('role "' in words and "does not exist" in words):
        return _LOGIN()
    if 'database "' in words and "does not exist" in words:
        return _MISSING()
    if "too many clients" in words or "connection slots are reserved" in words:
        return _FULL()
    return _LOST()
