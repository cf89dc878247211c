"""The database: one SQLite file, one connection, and the only place that commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from bot.documents import driver, migrations
from bot.documents.faults import database_faults
from bot.documents.lock import ADVICE, FolderLock
from bot.documents.repository import Repositories
from bot.errors import OperatorError, ProviderUnavailable, SettingError

BUSY_TIMEOUT_MS = 5_000
"""How long a statement waits for the embedded index, the file's other writer."""
DRIVER = "sqlite+aiosqlite"
JOIN_TIMEOUT_S = 5.0

T = TypeVar("T")


class Database:
    """The state of one data folder. Made by `open`, ended by `close`."""

    def __init__(self, engine: AsyncEngine, path: Path, lock: FolderLock | None) -> None:
        self._engine = engine
        self._path = path
        self._lock = lock
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._closed = False
        self._threads: list[Thread] = []
        event.listen(engine.sync_engine, "connect", self._note_thread)

    @classmethod
    async def open(cls, url: str, *, lock_dir: Path | None, read_only: bool = False) -> Self:
        """Open `sqlite+aiosqlite:///<path>`; makes the file and brings its schema up to date.

        `lock_dir` is locked until `close`, so that a second process is refused (DatabaseInUse).
        `read_only` works beside a running bot: it takes no lock, writes nothing, and raises
        OperatorError unless the schema is this program's own. Raises SettingError for another kind
        of address, OperatorError or RetryLater when the file can't be used.
        """
        path = _path_of(url)
        lock = FolderLock(lock_dir) if lock_dir is not None and not read_only else None
        try:
            await _to_the_end(asyncio.to_thread(_check if read_only else _prepare, path, lock))
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        engine = create_async_engine(
            _url(DRIVER, path),
            pool_size=1,
            max_overflow=0,
            pool_reset_on_return=None,
            connect_args=_CONNECT | {"async_creator_fn": driver.connect},
            hide_parameters=True,
        )
        _set_up(engine.sync_engine, read_only=read_only, foreign_keys=True)
        return cls(engine, path, lock)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Repositories]:
        """Everything in the block is committed together when it ends, or undone when it raises.

        Transactions take turns; one inside another would wait for ever and raises RuntimeError.
        A block that is cancelled is undone; cancelled while it commits, it is committed as a whole.
        Raises RetryLater or OperatorError when the database can't be used.
        """
        async with self._session() as session:
            yield Repositories.of(session)

    async def ping(self) -> None:
        """Raise RetryLater or OperatorError when the database can't be used now."""
        async with self._session() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Wait for the running transaction, fold the log into the file, let the next process in.

        Repeatable. Later transactions raise RetryLater.
        """
        async with self._turn:
            if self._closed:
                return
            self._closed = True
            try:
                # SQLite itself writes its log back into the file when the last connection closes.
                await _to_the_end(self._engine.dispose())
                for thread in self._threads:
                    await asyncio.to_thread(thread.join, JOIN_TIMEOUT_S)
            finally:
                if self._lock is not None:
                    self._lock.release()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        if self._holder is not None and self._holder is asyncio.current_task():
            raise RuntimeError("a transaction was begun inside another one")
        async with self._turn:
            if self._closed:
                raise ProviderUnavailable("I am shutting down", "Try again in a minute.")
            self._holder = asyncio.current_task()
            session = _Session(
                self._engine,
                expire_on_commit=False,
                close_resets_only=False,
                execution_options={"populate_existing": True},
            )
            try:
                with database_faults(self._path):
                    try:
                        yield session
                        await session.commit()
                    finally:
                        await session.close()  # undoes what wasn't committed
            finally:
                self._holder = None

    def _note_thread(self, connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
        # The driver answers its last call just before its thread ends, and offers no way to wait for
        # that end; a process that exits meanwhile may abort.
        self._threads.append(connection.driver_connection._thread)  # noqa: SLF001  # see above


class _Session(AsyncSession):
    """A session whose statements are never cut off.

    SQLAlchemy gives a connection up when a task is cancelled in the middle of a call, and the call goes
    on in the driver's thread all the same. So each one is awaited to its end (at most the busy timeout
    and a disk write), and the cancellation goes on from there, with the connection in a known state.
    """

    async def execute(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as it is overridden
        return await _to_the_end(super().execute(*args, **options))

    async def scalar(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as it is overridden
        return await _to_the_end(super().scalar(*args, **options))

    async def commit(self) -> None:
        await _to_the_end(super().commit())

    async def close(self) -> None:
        await _to_the_end(super().close())


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await work to its end, also when cancelled meanwhile; the cancellation goes on after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # looked at, else asyncio reports it as forgotten
        raise cancelled
    return task.result()


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


def _prepare(path: Path, lock: FolderLock | None) -> None:
    if lock is not None:
        lock.acquire()
    with database_faults(path), _schema_connection(path, read_only=False) as connection:
        migrations.upgrade(connection)


def _check(path: Path, _lock: FolderLock | None) -> None:
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


def _url(driver: str, path: Path) -> URL:
    return URL.create(driver, database=str(path))


def _path_of(url: str) -> Path:
    try:
        parts = make_url(url)
    except ArgumentError:
        parts = None
    usable = parts is not None and parts.drivername == DRIVER and "?" not in url
    if parts is None or not usable or parts.database in {None, "", ":memory:"}:
        raise SettingError("FM_DATABASE_URL", f"is not an address like {DRIVER}:///path/to/file.db")
    return Path(str(parts.database))
