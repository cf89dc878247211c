"""The one connection: turns, cancellation, the lock on the folder, and the read-only door."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.database import Database
from bot.domain import ChannelId, FileId, Message, WorkspaceId
from bot.errors import DatabaseInUse, OperatorError, ProviderUnavailable, SettingError

T1 = WorkspaceId("T1")


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'state.db'}"


async def opened(folder: Path, *, read_only: bool = False) -> Database:
    return await Database.open(url(folder), lock_dir=folder, read_only=read_only)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await opened(tmp_path)
    yield database
    await database.close()


async def add_pair(database: Database, name: str) -> None:
    """Two rows that only exist together."""
    async with database.transaction() as tx:
        await tx.inbox.add(name, T1, "message", {}, now=1.0)
        await tx.documents.accept(T1, FileId(name), Message(ChannelId("C1")), now=1.0)


async def pair(database: Database, name: str) -> tuple[bool, bool]:
    async with database.transaction() as tx:
        event_known = not await tx.inbox.add(name, T1, "message", {}, now=1.0)
        await tx.inbox.done(name, now=1.0)
        document = await tx.documents.find(T1, FileId(name))
    return event_known, document is not None


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def raises() -> None:
        async with database.transaction() as tx:
            await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
            raise KeyError

    with pytest.raises(KeyError):
        await raises()
    assert await pair(database, "Ev1") == (False, False)


async def test_concurrent_transactions_take_turns_and_lose_no_increment(database: Database) -> None:
    await add_pair(database, "Ev1")

    async def increment() -> None:
        async with database.transaction() as tx:
            (event,) = await tx.inbox.due(now=1.0, limit=1)
            await asyncio.sleep(0)
            await tx.inbox.postpone(event.event_id, error=str(event.attempts), not_before=0.0)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(increment())
    async with database.transaction() as tx:
        (event,) = await tx.inbox.due(now=1.0, limit=1)
    assert (event.attempts, event.error) == (100, "99")


async def test_a_transaction_that_only_reads_so_far_can_still_write(
    database: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "state.db", timeout=0, isolation_level=None)
    async with database.transaction() as tx:
        await tx.inbox.pending_count()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
    other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_a_transaction_inside_another_one_is_refused_instead_of_waiting_for_ever(
    database: Database,
) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError, match="inside another"):
            async with database.transaction():
                pass


async def test_cancelled_anywhere_a_transaction_is_there_as_a_whole_or_not_at_all(
    database: Database, tmp_path: Path
) -> None:
    outcomes: list[bool] = []
    while outcomes.count(True) < 5:  # ever later, until five were through before it
        task = asyncio.create_task(add_pair(database, f"Ev{len(outcomes)}"))
        asyncio.get_running_loop().call_later(len(outcomes) * 0.0002, task.cancel)
        await asyncio.gather(task, return_exceptions=True)
        outcome = await pair(database, f"Ev{len(outcomes)}")
        assert outcome[0] == outcome[1]
        outcomes.append(outcome[0])
    assert not outcomes[0]
    other = sqlite3.connect(tmp_path / "state.db", timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nobody holds the file
    other.close()


async def test_cancelled_during_the_commit_it_is_committed_and_the_connection_is_free(
    tmp_path: Path,
) -> None:
    database = await opened(tmp_path)
    committing = asyncio.Event()
    event.listen(database._store.engine.sync_engine, "commit", lambda _connection: committing.set())
    task = asyncio.create_task(add_pair(database, "Ev1"))
    await committing.wait()
    task.cancel()
    task.cancel()  # twice, as an impatient shutdown does
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pair(database, "Ev1") == (True, True)
    await database.close()


async def test_a_deadline_inside_a_transaction_undoes_it(database: Database) -> None:
    async def waits() -> None:
        async with asyncio.timeout(0.01), database.transaction() as tx:
            await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await waits()
    assert await pair(database, "Ev1") == (False, False)


async def test_a_session_is_of_no_use_after_its_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.inbox.pending_count()
    with pytest.raises(Exception, match="closed"):
        await tx.inbox.pending_count()


async def test_closing_leaves_one_file_no_thread_and_no_lock(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = await opened(tmp_path)
    await add_pair(database, "Ev1")
    await database.ping()
    await database.close()
    await database.close()
    assert not {thread for thread in set(threading.enumerate()) - before if "worker" in thread.name}
    assert {path.name for path in tmp_path.iterdir()} == {"state.db", "lock"}
    again = await opened(tmp_path)
    assert await pair(again, "Ev1") == (True, True)
    await again.close()


async def test_a_closed_database_says_that_it_is_closed(tmp_path: Path) -> None:
    database = await opened(tmp_path)
    await database.close()
    with pytest.raises(ProviderUnavailable, match="shutting down"):
        await database.ping()
    assert {path.name for path in tmp_path.iterdir()} == {"state.db", "lock"}


async def test_what_is_acknowledged_is_on_the_disk(database: Database, tmp_path: Path) -> None:
    async with database._session() as session:
        connection = await session.connection()
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in pragmas]
    assert values == ["wal", 2, 1, 5000]
    await add_pair(database, "Ev1")
    with sqlite3.connect(tmp_path / "state.db") as other:
        assert other.execute("SELECT count(*) FROM inbox_event").fetchone() == (1,)
    other.close()


async def test_a_second_opening_of_the_folder_is_refused_in_words(database: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseInUse, match=str(tmp_path)) as refusal:
        await opened(tmp_path)
    assert "FM_DATA_DIR" in refusal.value.advice
    await add_pair(database, "Ev1")


async def test_the_lock_of_a_killed_process_is_gone_with_it(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from bot.documents.lock import FolderLock;"
        "lock = FolderLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: ASYNC220  # our own lines, answered at once
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseInUse, match=f"number {process.pid}"):
            await opened(tmp_path)
        process.kill()
        process.wait()
    database = await opened(tmp_path)
    await database.close()


async def test_a_reader_works_beside_the_bot_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    await add_pair(database, "Ev1")
    reader = await opened(tmp_path, read_only=True)
    async with database.transaction() as tx:
        await tx.inbox.done("Ev1", now=1.0)  # a writer at work doesn't make a reader wait
        async with reader.transaction() as read:
            assert await read.inbox.pending_count() == 1
    with pytest.raises(OperatorError):
        async with reader.transaction() as read:
            await read.inbox.done("Ev1", now=1.0)
    await reader.close()
    await add_pair(database, "Ev2")


async def test_a_reader_without_a_bot_leaves_no_trace(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    (tmp_path / "lock").unlink()
    reader = await opened(tmp_path, read_only=True)
    async with reader.transaction() as tx:
        assert await tx.inbox.pending_count() == 0
    await reader.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


async def test_a_reader_of_what_does_not_exist_says_so_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no database at") as refusal:
        await opened(tmp_path, read_only=True)
    assert "fm index" in refusal.value.advice
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mysql://x/y",
        "postgresql+psycopg://host",
        "postgresql://host:port/x",
        "sqlite+aiosqlite://",
        "::",
        "sqlite:///x.db",
        "sqlite+aiosqlite:///x?y",
    ],
)
async def test_another_kind_of_address_is_a_wrong_setting(address: str) -> None:
    with pytest.raises(SettingError, match="FM_DATABASE_URL"):
        await Database.open(address, lock_dir=None)
