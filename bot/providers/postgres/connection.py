"""The index's own connections to Postgres: bounded in number, in time, and in who may wait for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from psycopg import AsyncConnection, IsolationLevel
from psycopg_pool import AsyncConnectionPool

from bot.errors import OperatorError, ProviderUnavailable
from bot.providers.postgres.schema import SCHEMA

CONNECTIONS = 8
MAX_WAITING = 256
"""Calls that wait for a connection; further ones are refused."""
WAIT_S = 10.0
CONNECT_S = 5
STATEMENT_S = 30
"""Postgres ends what takes longer; a search takes a hundredth of it."""
CALL_S = 120.0
"""Where not even an answer comes any more: of several statements."""
UNAVAILABLE = "The index in Postgres can't be used now"
SESSION = f"""
    SELECT set_config('search_path', '{SCHEMA},' || current_setting('search_path'), false),
        set_config('statement_timeout', '{STATEMENT_S}s', false),
        set_config('idle_in_transaction_session_timeout', '{STATEMENT_S}s', false),
        set_config('jit', 'off', false)
"""  # constants
"""Compiling a search takes longer than the search."""


def libpq(url: str) -> str:
    """An address as libpq reads it; SQLAlchemy's names the driver, too."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


class Connections:
    """A pool. Lost connections are replaced by themselves, so a restart of Postgres is over when it is up."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(
            libpq(url),
            min_size=1,
            max_size=CONNECTIONS,
            max_waiting=MAX_WAITING,
            timeout=WAIT_S,
            kwargs={"autocommit": True, "prepare_threshold": None, "connect_timeout": CONNECT_S},
            configure=_configure,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    async def open(self) -> None:
        """Wait for the first connection. Raises RetryLater when there is none."""
        with faults():
            try:
                await self._pool.open(wait=True, timeout=WAIT_S)
            except BaseException:
                await self._pool.close()
                raise

    async def close(self) -> None:
        """End all connections. Repeatable; later calls raise RetryLater."""
        await self._pool.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection, each of whose statements is a transaction of its own."""
        with faults():
            async with asyncio.timeout(CALL_S), self._pool.connection() as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection in one transaction, committed when the block ends."""
        async with self.reading() as connection, connection.transaction():
            yield connection


@contextmanager
def faults() -> Iterator[None]:
    """What goes wrong in Postgres, by who acts next; never with its words, which may quote a text."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as error:
        raise ProviderUnavailable(UNAVAILABLE) from error
    except psycopg.errors.IntegrityError as error:  # another replica wrote or removed the same just now
        raise ProviderUnavailable(UNAVAILABLE) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise OperatorError(
            "I may not use the index's tables in Postgres",
            f"Make the bot's user the owner of the schema {SCHEMA}.",
        ) from error
    except psycopg.Error as error:
        code = error.sqlstate or type(error).__name__
        raise OperatorError(
            f"Postgres refuses what the index asks ({code})",
            f"If the schema {SCHEMA} was changed by hand: drop it, restart, and run `fm reconcile`.",
        ) from error


async def _configure(connection: AsyncConnection) -> None:
    await connection.execute(SESSION)
    await connection.set_isolation_level(IsolationLevel.READ_COMMITTED)
