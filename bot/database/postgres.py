"""PostgreSQL: the same serial transactions as SQLite's, also when several replicas write."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from typing import Any

from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from bot.database.address import VARIABLE
from bot.database.sessions import Session, to_the_end
from bot.documents import migrations
from bot.documents.server_faults import READ_ONLY, server_faults
from bot.errors import OperatorError, SettingError

READERS = 4
"""Connections for transactions that only read, besides the one for those that may write."""
OLDEST_VERSION = 15
TURN = 7_341_250_001
"""The advisory lock of whoever may write; any number that nobody else in the database uses."""
LIMITS = {
    # a replica that is frozen in the middle of a transaction holds the others up for so long
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "15s",
    "statement_timeout": "30s",
}
MIGRATION_LIMITS = LIMITS | {"idle_in_transaction_session_timeout": "60s", "statement_timeout": "0"}
KEEPALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "faultmaven",
}
"""Of libpq: a server that is gone without a word is noticed within half a minute."""

_WRITING = text(f"SELECT pg_advisory_xact_lock({TURN})")
_READING = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


class PostgresStore:
    """A database of a server, once its schema is this program's.

    A transaction that may write begins with one advisory lock, so that it sees all that others have
    committed and nobody writes beside it: what the repositories were written for, and what no constraint
    could say of "the least busy workspace". It is READ COMMITTED: a snapshot would be older than the turn.
    That makes some 300 transactions a second of five statements, of all replicas together (decision 16).
    """

    readers = READERS

    def __init__(self, url: URL, *, read_only: bool) -> None:
        self._read_only = read_only
        self.engine = create_async_engine(
            url,
            pool_size=READERS + 1,
            max_overflow=0,
            pool_use_lifo=True,
            use_native_hstore=False,
            connect_args=_connect_args(url, LIMITS),
            hide_parameters=True,
        )
        event.listen(self.engine.sync_engine, "connect", _adapt)
        event.listen(self.engine.sync_engine, "handle_error", _leave_a_former_primary)

    @classmethod
    async def open(cls, url: URL, *, read_only: bool) -> PostgresStore:
        """Bring the schema up to date, or (`read_only`) look at it."""
        await asyncio.to_thread(_prepare, url, read_only=read_only)
        return cls(url, read_only=read_only)

    async def begin(self, *, reading: bool) -> AsyncSession:
        """As the port says. A connection that was lost since its last use is replaced in silence."""
        first = _READING if reading or self._read_only else _WRITING
        for retry in range(READERS + 2):
            session = Session(self.engine, reading=reading)
            try:
                await session.execute(first)
            except DBAPIError as error:
                await session.close()
                if retry > READERS or not error.connection_invalidated:
                    raise
            except BaseException:
                await session.close()
                raise
            else:
                return session
        raise AssertionError  # the last round raised

    def faults(self) -> AbstractContextManager[None]:
        """As the port says."""
        return server_faults()

    async def close(self) -> None:
        """As the port says."""
        await to_the_end(self.engine.dispose())


class _AnyText(StrDumperUnknown):
    """Text columns hold any Unicode but NUL; the same in a condition, so that what was written is found."""

    def dump(self, obj: str) -> bytes:
        return obj.encode("utf-8", "replace").replace(b"\0", b"?")


class _WholeNumber(Loader):
    """A sum of BIGINT is NUMERIC, which would be a Decimal; there is no other NUMERIC here."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


def _adapt(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
    adapters = connection.driver_connection.adapters
    adapters.register_dumper(str, _AnyText)
    adapters.register_loader("numeric", _WholeNumber)


def _leave_a_former_primary(context: ExceptionContext) -> None:
    """After a fail-over a connection may lead to a server that takes no writes any more: drop it."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _connect_args(url: URL, limits: dict[str, str]) -> dict[str, Any]:
    ours = " ".join(f"-c {name}={value}" for name, value in limits.items())
    theirs = url.query.get("options", "")
    own = {name: value for name, value in KEEPALIVE.items() if name not in url.query}
    return own | {"options": f"{ours} {theirs}".strip()}


def _prepare(url: URL, *, read_only: bool) -> None:
    engine = create_engine(
        url,
        poolclass=NullPool,
        use_native_hstore=False,
        connect_args=_connect_args(url, MIGRATION_LIMITS),
        hide_parameters=True,
    )
    with server_faults(), engine.begin() as connection:
        _check_server(connection)
        if read_only:
            migrations.check(connection)
        elif not migrations.is_current(connection):
            # Replicas that start together go one after the other, and nobody writes meanwhile.
            connection.execute(_WRITING)
            migrations.upgrade(connection)


def _check_server(connection: Connection) -> None:
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if version < OLDEST_VERSION * 10_000:
        raise OperatorError(
            f"PostgreSQL {version // 10_000} is too old", f"Use version {OLDEST_VERSION} or newer."
        )
    if (encoding := connection.exec_driver_sql("SHOW server_encoding").scalar_one()) != "UTF8":
        raise SettingError(
            VARIABLE,
            f"names a database whose encoding is {encoding}",
            "Create one with ENCODING 'UTF8' TEMPLATE template0.",
        )
