"""SQLite's errors in our own: what passes by itself, and what whoever runs the bot has to mend."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable

_PRIMARY = 0xFF
"""SQLite's extended result codes carry the primary one in their lowest byte."""


@contextmanager
def database_faults(path: Path) -> Iterator[None]:
    """Raise what SQLite says of the file at `path` as RetryLater or OperatorError.

    Anything else, such as a broken constraint, is a bug of ours and passes as it is.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        fault = _fault(cause, path)
        if fault is None:
            raise
        raise fault from error


def _fault(cause: BaseException | None, path: Path) -> FaultMavenError | None:
    match getattr(cause, "sqlite_errorcode", 0) & _PRIMARY:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return ProviderUnavailable("The database is busy", "Try again in a minute.")
        case sqlite3.SQLITE_FULL:
            return ProviderUnavailable(
                "The disk that holds the database is full", f"Free some space for {path}."
            )
        case sqlite3.SQLITE_IOERR:
            return ProviderUnavailable(
                "The disk that holds the database can't be read or written",
                f"Look for free space, quotas and disk errors at {path}.",
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return OperatorError(
                f"The database {path} can't be opened for writing",
                "Give this user the right to write to the file and its folder, or set FM_DATA_DIR to "
                "another folder.",
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return OperatorError(
                f"The database {path} is damaged or no database at all",
                "Restore it from a backup, or move it away and start afresh.",
            )
        case _:
            return None
