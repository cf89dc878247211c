"""FM_DATABASE_URL: which kind of database it names. No message quotes it: it may hold a password."""

from __future__ import annotations

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingError

VARIABLE = "FM_DATABASE_URL"
SQLITE = "sqlite+aiosqlite"
POSTGRES = "postgresql+psycopg"
AS_PLATFORMS_WRITE_IT = frozenset({"postgres", "postgresql"})
EXAMPLES = f"{POSTGRES}://user:password@host/database"


def parsed(url: str) -> URL:
    """The address in parts, its driver SQLITE or POSTGRES. Raises SettingError for any other."""
    try:
        parts = make_url(url)
        port = parts.port
    except (ArgumentError, ValueError):
        raise _wrong() from None  # the cause quotes the address
    if parts.drivername in AS_PLATFORMS_WRITE_IT:
        parts = parts.set(drivername=POSTGRES)
    if not parts.database or port == 0:
        raise _wrong()
    if parts.drivername == SQLITE and ("?" in url or parts.database == ":memory:"):
        raise _wrong()
    if parts.drivername not in {SQLITE, POSTGRES}:
        raise _wrong()
    return parts


def _wrong() -> SettingError:
    return SettingError(VARIABLE, f"is not an address like {EXAMPLES}")
