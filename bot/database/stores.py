"""Opens the kind of database that an address names."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL

from bot.database.address import POSTGRES, VARIABLE
from bot.database.sessions import Store
from bot.database.sqlite import SqliteStore
from bot.errors import SettingError


async def open_store(url: URL, *, read_only: bool) -> Store:
    """An open database, its schema this program's. Raises SettingError, OperatorError, RetryLater."""
    if url.drivername != POSTGRES:
        return await SqliteStore.open(Path(str(url.database)), read_only=read_only)
    try:
        from bot.database.postgres import PostgresStore  # noqa: PLC0415  # the driver is an extra
    except ImportError as error:
        raise SettingError(
            VARIABLE,
            "needs a driver that isn't installed",
            "Run: pip install 'faultmaven-slack[postgres]'",
        ) from error
    return await PostgresStore.open(url, read_only=read_only)
