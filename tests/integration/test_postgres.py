"""The state in PostgreSQL: turns across processes, cancellation, lost connections, and errors in words."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, make_url
from support.postgres import WITH_A_PASSWORD, Server

from bot.database import Database
from bot.database.postgres import LIMITS
from bot.domain import ANYTHING, ChannelId, FileId, Message, Scope, WorkspaceId
from bot.errors import (
    DatabaseInUse,
    FaultMavenError,
    OperatorError,
    ProviderUnavailable,
    RetryLater,
    SettingError,
)

T1, C1 = WorkspaceId("T1"), ChannelId("C1")
SECRET = "s3cret-value"


def name_of(url: str) -> str:
    return str(make_url(url).database)


@pytest.fixture
async def pair(postgres_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """The database as two replicas have it open."""
    one, other = [await Database.open(postgres_url, lock_dir=None) for _ in range(2)]
    yield one, other
    await one.close()
    await other.close()


async def refusal(url: str, *, read_only: bool = False) -> FaultMavenError:
    with pytest.raises((OperatorError, RetryLater)) as refused:
        await Database.open(url, lock_dir=None, read_only=read_only)
    said = f"{refused.value} {refused.value.advice} {refused.value.__cause__}"
    assert SECRET not in said
    assert refused.value.advice
    return refused.value


async def add(database: Database, name: str) -> None:
    async with database.transaction() as tx:
        await tx.inbox.add(name, T1, "message", {}, now=1.0)
        await tx.documents.accept(T1, FileId(name), Message(C1), now=1.0)


async def there(database: Database, name: str) -> tuple[bool, bool]:
    async with database.transaction(reading=True) as tx:
        waiting = {row.event_id for row in await tx.inbox.due(now=1.0, limit=100)}
        return name in waiting, await tx.documents.find(T1, FileId(name)) is not None


async def test_transactions_of_all_replicas_take_turns_and_lose_no_increment(
    pair: tuple[Database, Database],
) -> None:
    await add(pair[0], "Ev1")

    async def increment(database: Database) -> None:
        async with database.transaction() as tx:
            (row,) = await tx.inbox.due(now=1.0, limit=1)
            await asyncio.sleep(0)
            await tx.inbox.postpone(row.event_id, error=str(row.attempts), not_before=0.0)

    async with asyncio.TaskGroup() as tasks:
        for number in range(40):
            tasks.create_task(increment(pair[number % 2]))
    async with pair[0].transaction(reading=True) as tx:
        (row,) = await tx.inbox.due(now=1.0, limit=1)
    assert (row.attempts, row.error) == (40, "39")


async def test_who_only_reads_waits_for_nobody_and_sees_one_moment(pair: tuple[Database, Database]) -> None:
    one, other = pair
    async with one.transaction() as tx:
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        async with asyncio.timeout(5), other.transaction(reading=True) as read:
            assert await read.inbox.pending_count() == 0
    async with other.transaction(reading=True) as read:
        assert await read.inbox.pending_count() == 1
        await add(one, "Ev2")
        assert await read.inbox.pending_count() == 1


async def test_who_said_to_read_may_not_write(pair: tuple[Database, Database]) -> None:
    with pytest.raises(RuntimeError, match="only reads"):
        async with pair[0].transaction(reading=True) as tx:
            await tx.inbox.done("Ev1", now=1.0)
    with pytest.raises(RuntimeError, match="inside another"):
        async with pair[0].transaction(), pair[0].transaction(reading=True):
            pass


async def test_cancelled_anywhere_a_transaction_is_there_as_a_whole_or_not_at_all(
    pair: tuple[Database, Database],
) -> None:
    outcomes: list[bool] = []
    while outcomes.count(True) < 3:
        name = f"Ev{len(outcomes)}"
        task = asyncio.create_task(add(pair[0], name))
        asyncio.get_running_loop().call_later(len(outcomes) * 0.0007, task.cancel)
        await asyncio.gather(task, return_exceptions=True)
        event_there, document_there = await there(pair[0], name)
        assert event_there == document_there
        outcomes.append(event_there)
    assert not outcomes[0]
    await add(pair[1], "Ev-other")  # nobody holds the turn


async def test_cancelled_during_the_commit_it_is_committed(pair: tuple[Database, Database]) -> None:
    committing = asyncio.Event()
    event.listen(pair[0]._store.engine.sync_engine, "commit", lambda _connection: committing.set())
    task = asyncio.create_task(add(pair[0], "Ev1"))
    await committing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await there(pair[1], "Ev1") == (True, True)


async def test_any_text_is_kept_and_found_again(pair: tuple[Database, Database]) -> None:
    odd, channel = "F\0\ud800é", ChannelId("C\0\ud800")
    async with pair[0].transaction() as tx:
        accepted = await tx.documents.accept(T1, FileId(odd), Message(channel, "not a number"), now=1.0)
        again = await tx.documents.accept(T1, FileId(odd), Message(channel), now=2.0)
        assert (again.document_id, again.created) == (accepted.document_id, False)
        assert await tx.inbox.add("Ev\0", T1, "m", {"text": "a\0b\ud800"}, now=1.0)
        assert not await tx.inbox.add("Ev\0", T1, "m", {}, now=1.0)
        (row,) = await tx.inbox.due(now=1.0, limit=1)
        assert row.body == {"text": "a\0b\ud800"}
        scope = Scope(T1, frozenset({channel}))
        assert await tx.documents.matching(scope, ANYTHING, 10) == [accepted.document_id]
        assert set(await tx.documents.readable(scope, [accepted.document_id])) == {accepted.document_id}


async def test_a_frozen_replica_holds_the_others_up_for_a_bounded_time(
    pair: tuple[Database, Database], postgres_server: Server, postgres_url: str
) -> None:
    assert LIMITS["idle_in_transaction_session_timeout"] == "5s"

    async def thaws_too_late() -> None:
        async with pair[0].transaction() as tx:
            await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
            postgres_server.execute(  # what the time limit does, at once
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'",
                name_of(postgres_url),
            )
            async with asyncio.timeout(5):
                await add(pair[1], "Ev2")
            await tx.inbox.done("Ev1", now=1.0)

    with pytest.raises(ProviderUnavailable, match="can't be reached"):
        await thaws_too_late()
    assert await there(pair[0], "Ev1") == (False, False)
    assert await there(pair[0], "Ev2") == (True, True)


async def test_after_a_restart_of_the_server_nobody_notices_that_connections_were_lost(
    pair: tuple[Database, Database], postgres_server: Server, postgres_url: str
) -> None:
    async with pair[0].transaction(reading=True), asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(pair[0].ping())
    await add(pair[0], "Ev1")
    lost = postgres_server.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'faultmaven'",
        name_of(postgres_url),
    )
    assert lost[0][0] > 1
    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(pair[0].ping())
    await add(pair[0], "Ev2")
    assert await there(pair[0], "Ev2") == (True, True)


async def test_replicas_that_start_together_migrate_once(empty_postgres_url: str) -> None:
    databases = await asyncio.gather(*(Database.open(empty_postgres_url, lock_dir=None) for _ in range(4)))
    async with databases[0].transaction(reading=True) as tx:
        assert await tx.figures.schema()
        assert (await tx.figures.tables())["document"] == 0
        assert await tx.figures.size_on_server() > 0
    for database in databases:
        await database.close()
        await database.close()
    with pytest.raises(ProviderUnavailable, match="shutting down"):
        await databases[0].ping()


async def test_a_reader_needs_a_schema_and_changes_none(
    empty_postgres_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    assert "empty" in (await refusal(empty_postgres_url, read_only=True)).public_message
    database = await Database.open(empty_postgres_url, lock_dir=tmp_path)
    with pytest.raises(DatabaseInUse):  # of the files that are being read
        await Database.open(empty_postgres_url, lock_dir=tmp_path)
    reader = await Database.open(empty_postgres_url, lock_dir=tmp_path, read_only=True)
    with pytest.raises(ProviderUnavailable, match="no changes"):
        async with reader.transaction() as tx:
            await tx.inbox.done("Ev1", now=1.0)
    await reader.close()
    await database.close()
    postgres_server.execute("UPDATE alembic_version SET version_num = '9999'", name_of(empty_postgres_url))
    assert "newer version" in (await refusal(empty_postgres_url)).public_message


async def test_what_is_wrong_with_the_address_is_said_without_it(
    postgres_server: Server, postgres_url: str, empty_postgres_url: str, tmp_path: Path
) -> None:
    sockets, name = f"?host={postgres_server.sockets}", name_of(postgres_url)
    postgres_server.execute(f"CREATE USER {WITH_A_PASSWORD} PASSWORD 'right'")
    wrong = await refusal(f"postgresql://{WITH_A_PASSWORD}:{SECRET}@/{name}{sockets}")
    assert isinstance(wrong, SettingError)
    assert "refuses its user or password" in wrong.public_message
    unknown = await refusal(f"postgresql://nobody:{SECRET}@/{name}{sockets}")
    assert "refuses its user or password" in unknown.public_message
    missing = await refusal(f"postgresql://postgres:{SECRET}@/nowhere{sockets}")
    assert "doesn't exist" in missing.public_message
    nobody = await refusal(f"postgresql://postgres:{SECRET}@/{name}?host={tmp_path}")
    assert isinstance(nobody, RetryLater)
    assert "can't be reached" in nobody.public_message
    lacking = await refusal(f"postgresql://{WITH_A_PASSWORD}:right@/{name_of(empty_postgres_url)}{sockets}")
    assert "lacks a right" in lacking.public_message
    postgres_server.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    assert "LATIN1" in (await refusal(postgres_server.url("latin"))).public_message
    postgres_server.execute("DROP DATABASE latin")
    postgres_server.execute(f"DROP USER {WITH_A_PASSWORD}")


async def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "bot.database.postgres", raising=False)
    refused = await refusal(f"postgresql+psycopg://u:{SECRET}@localhost/x")
    assert isinstance(refused, SettingError)
    assert "pip install 'faultmaven-slack[postgres]'" in refused.advice
