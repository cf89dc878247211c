"""SQLite: one file, one connection, and transactions that take turns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from bot.database.address import SQLITE
from bot.database.sessions import Session, to_the_end
from bot.documents import driver, migrations
from bot.documents.faults import database_faults
from bot.documents.lock import ADVICE
from bot.errors import OperatorError

BUSY_TIMEOUT_MS = 5_000
"""How long a statement waits for the embedded index, the file's other writer."""
JOIN_TIMEOUT_S = 5.0


class SqliteStore:
    """The file of one data folder, once its schema is this program's."""

    readers = 0  # there is one connection

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._threads: list[Thread] = []
        self.engine = create_async_engine(
            _url(SQLITE, path),
            pool_size=1,
            max_overflow=0,
            pool_reset_on_return=None,
            connect_args=_CONNECT | {"async_creator_fn": driver.connect},
            hide_parameters=True,
        )
        _set_up(self.engine.sync_engine, read_only=read_only, foreign_keys=True)
        event.listen(self.engine.sync_engine, "connect", self._note_thread)

    @classmethod
    async def open(cls, path: Path, *, read_only: bool) -> SqliteStore:
        """Make the file if need be and bring its schema up to date, or (`read_only`) look at it."""
        await asyncio.to_thread(_check if read_only else _prepare, path)
        return cls(path, read_only=read_only)

    async def begin(self, *, reading: bool) -> AsyncSession:
        """As the port says: the first statement of whatever kind locks the file."""
        return Session(self.engine, reading=reading)

    def faults(self) -> AbstractContextManager[None]:
        """As the port says."""
        return database_faults(self._path)

    async def close(self) -> None:
        """As the port says; SQLite itself writes its log back into the file with the last connection."""
        await to_the_end(self.engine.dispose())
        for thread in self._threads:
            await asyncio.to_thread(thread.join, JOIN_TIMEOUT_S)

    def _note_thread(self, connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
        # The driver answers its last call just before its thread ends, and offers no way to wait for
        # that end; a process that exits meanwhile may abort.
        self._threads.append(connection.driver_connection._thread)  # noqa: SLF001  # see above


_CONNECT: dict[str, Any] = {"isolation_level": None}
"""The driver begins nothing by itself: its deferred transactions lose concurrent increments."""


def _set_up(engine: Engine, *, read_only: bool, foreign_keys: bool) -> None:
    """Every connection with our pragmas, every transaction with the lock that it may need later."""
    pragmas = [f"busy_timeout = {BUSY_TIMEOUT_MS}", f"foreign_keys = {'ON' if foreign_keys else 'OFF'}"]
    if read_only:
        pragmas.append("query_only = ON")
    else:
        # FULL: what was acknowledged survives a power cut, too.
        pragmas += ["journal_mode = WAL", "synchronous = FULL"]

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _prepare(path: Path) -> None:
    with database_faults(path), _schema_connection(path, read_only=False) as connection:
        migrations.upgrade(connection)


def _check(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError as error:
        raise OperatorError(
            f"There is no database at {path} yet", "Start the bot, or index a file with `fm index`."
        ) from error
    except OSError as error:
        raise OperatorError(f"The database {path} can't be opened: {error.strerror}", ADVICE) from error
    with database_faults(path), _schema_connection(path, read_only=True) as connection:
        migrations.check(connection)


@contextmanager
def _schema_connection(path: Path, *, read_only: bool) -> Iterator[Connection]:
    """One transaction without enforced foreign keys (see `migrations.upgrade`)."""
    engine = create_engine(
        _url("sqlite", path), poolclass=NullPool, connect_args=_CONNECT, hide_parameters=True
    )  # errors don't quote what people wrote or asked
    _set_up(engine, read_only=read_only, foreign_keys=False)
    with engine.begin() as connection:
        yield connection


def _url(driver_name: str, path: Path) -> URL:
    return URL.create(driver_name, database=str(path))
