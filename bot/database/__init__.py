"""The database, and the only place that commits: a SQLite file, or PostgreSQL for several replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database.address import parsed
from bot.database.sessions import Store, to_the_end
from bot.database.stores import open_store
from bot.documents.lock import FolderLock
from bot.documents.repository import Repositories
from bot.errors import ProviderUnavailable


class Database:
    """The state. Made by `open`, ended by `close`."""

    def __init__(self, store: Store, lock: FolderLock | None) -> None:
        self._store = store
        self._lock = lock
        self._turn = asyncio.Lock()
        self._readers = asyncio.Semaphore(store.readers)
        self._holders: set[asyncio.Task[Any] | None] = set()
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, lock_dir: Path | None, read_only: bool = False) -> Self:
        """Open `sqlite+aiosqlite:///<path>` or `postgresql+psycopg://…`; brings its schema up to date.

        `lock_dir` is locked until `close`, so that a second process is refused (DatabaseInUse).
        `read_only` works beside a running bot: it takes no lock, writes nothing, and raises
        OperatorError unless the schema is this program's own. Raises SettingError for another kind
        of address, OperatorError or RetryLater when the database can't be used.
        """
        address = parsed(url)
        lock = FolderLock(lock_dir) if lock_dir is not None and not read_only else None
        try:
            if lock is not None:
                await to_the_end(asyncio.to_thread(lock.acquire))
            store = await to_the_end(open_store(address, read_only=read_only))
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return cls(store, lock)

    @asynccontextmanager
    async def transaction(self, *, reading: bool = False) -> AsyncIterator[Repositories]:
        """Everything in the block is committed together when it ends, or undone when it raises.

        Transactions take turns, those of other replicas included; one inside another would wait for
        ever and raises RuntimeError. `reading` ones, which may not write, see one moment's state and
        wait for nobody on PostgreSQL. A block that is cancelled is undone; cancelled while it commits,
        it is committed as a whole. Raises RetryLater or OperatorError when the database can't be used.
        """
        async with self._session(reading=reading) as session:
            yield Repositories.of(session)

    async def ping(self) -> None:
        """Raise RetryLater or OperatorError when the database can't be used now."""
        async with self._session(reading=True) as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Wait for the running transactions, close what is open, let the next process in.

        Repeatable. Later transactions raise RetryLater.
        """
        async with self._turn:
            if self._closed:
                return
            self._closed = True
            for _ in range(self._store.readers):
                await self._readers.acquire()
            try:
                await self._store.close()
            finally:
                for _ in range(self._store.readers):
                    self._readers.release()
                if self._lock is not None:
                    self._lock.release()

    @asynccontextmanager
    async def _session(self, *, reading: bool = False) -> AsyncIterator[AsyncSession]:
        task = asyncio.current_task()
        if task in self._holders:
            raise RuntimeError("a transaction was begun inside another one")
        async with self._readers if reading and self._store.readers else self._turn:
            if self._closed:
                raise ProviderUnavailable("I am shutting down", "Try again in a minute.")
            self._holders.add(task)
            try:
                with self._store.faults():
                    session = await self._store.begin(reading=reading)
                    try:
                        yield session
                        await session.commit()
                    finally:
                        await session.close()  # undoes what wasn't committed
            finally:
                self._holders.discard(task)
