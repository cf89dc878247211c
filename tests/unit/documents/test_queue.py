from __future__ import annotations

from bot.database import Database
from bot.documents.repository import Repositories
from bot.domain import ChannelId, DocumentId, FileId, Message, Scope, WorkspaceId

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
PEOPLE, BACKFILL = 0, 1
HERE = Scope(T1, frozenset({ChannelId("C1")}))


async def accept(
    tx: Repositories,
    file_id: str,
    *,
    priority: int = PEOPLE,
    now: float = 1.0,
    workspace: WorkspaceId = T1,
    channel: str = "C1",
) -> DocumentId:
    message = Message(ChannelId(channel))
    accepted = await tx.documents.accept(workspace, FileId(file_id), message, now=now, priority=priority)
    return accepted.document_id


async def claims(tx: Repositories, number: int) -> list[str]:
    jobs = [await tx.documents.claim(now=1e6) for _ in range(number)]
    return [job.key if job else "" for job in jobs]


async def test_what_people_share_comes_before_backfill_however_old_that_is(database: Database) -> None:
    async with database.transaction() as tx:
        old = [await accept(tx, f"old{n}", priority=BACKFILL, now=float(n)) for n in range(2)]
        new = [await accept(tx, f"new{n}", now=100.0 + n) for n in range(2)]
        assert await claims(tx, 5) == [*new, *old, ""]


async def test_backfill_of_one_workspace_takes_turns_with_the_shares_of_another(database: Database) -> None:
    async with database.transaction() as tx:
        backfill = [await accept(tx, f"B{n}", priority=BACKFILL, workspace=T2, now=1.0 + n) for n in range(2)]
        shared = [await accept(tx, f"S{n}", now=5.0 + n) for n in range(2)]
        assert await claims(tx, 4) == [backfill[0], shared[0], backfill[1], shared[1]]


async def test_a_waiting_backfill_document_that_somebody_shares_is_hastened_for_good(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await accept(tx, "first", priority=BACKFILL, now=1.0)
        second = await accept(tx, "second", priority=BACKFILL, now=2.0)
        await accept(tx, "second", priority=PEOPLE, now=3.0)
        await accept(tx, "second", priority=BACKFILL, now=4.0)
        assert (await claims(tx, 1)) == [second]


async def test_a_document_asked_for_again_queues_up_anew(database: Database) -> None:
    async with database.transaction() as tx:
        old = await accept(tx, "old", now=1.0)
        await claims(tx, 1)
        await tx.documents.recover(now=2.0, max_attempts=1)
        young = await accept(tx, "young", now=3.0)
        assert await tx.documents.requeue(old, now=4.0)
        assert await tx.documents.queue_place(HERE, young) == 0
        assert await tx.documents.queue_place(HERE, old) == 1


async def test_nothing_of_a_workspace_that_uninstalled_is_claimed_until_it_is_back(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        await tx.workspaces.uninstall(T1, now=2.0)
        assert await claims(tx, 1) == [""]
        assert await tx.documents.claim(now=1e6, only=T1) is None
        assert await tx.documents.next_due_in(now=3.0) is None
        assert await tx.documents.oldest_pending_age(now=3.0) is None
        await tx.workspaces.ensure(T1, now=4.0)
        assert await tx.documents.next_due_in(now=5.0) == 0.0
        assert await claims(tx, 1) == [document_id]


async def test_a_place_in_the_queue_counts_what_is_claimed_before(database: Database) -> None:
    async with database.transaction() as tx:
        backfill = await accept(tx, "B", priority=BACKFILL, now=1.0)
        people = [await accept(tx, f"F{n}", now=2.0 + n) for n in range(3)]
        await accept(tx, "other", workspace=T2)
        places = [await tx.documents.queue_place(HERE, document_id) for document_id in (*people, backfill)]
        assert places == [0, 1, 2, 3]
        assert people[0] in await claims(tx, 2)
        assert await tx.documents.queue_place(HERE, people[0]) is None
        assert await tx.documents.queue_place(HERE, people[1]) == 0
        assert await tx.documents.queue_place(HERE, DocumentId("unknown")) is None


async def test_a_place_in_the_queue_tells_nothing_of_files_beyond_the_scope(database: Database) -> None:
    async with database.transaction() as tx:
        hidden = await accept(tx, "hidden", now=1.0, channel="C2")
        mine = await accept(tx, "mine", now=2.0)
        assert await tx.documents.queue_place(HERE, mine) == 0
        assert await tx.documents.queue_place(HERE, hidden) is None


async def test_the_oldest_wait_counts_from_the_last_time_a_document_was_queued(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.documents.oldest_pending_age(now=5.0) is None
        await accept(tx, "F1", now=1.0)
        assert await tx.documents.oldest_pending_age(now=5.0) == 4.0
        job = await tx.documents.claim(now=6.0)
        assert job is not None
        assert await tx.documents.oldest_pending_age(now=7.0) is None
        await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=8.0)
        await tx.documents.requeue(DocumentId(job.key), now=100.0)
        assert await tx.documents.oldest_pending_age(now=103.0) == 3.0
