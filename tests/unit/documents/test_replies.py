from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.documents.replies import StaleReply
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Stage, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1 = WorkspaceId("T1")
C1 = ChannelId("C1")


async def shared(database: Database, file_id: str = "F1") -> DocumentId:
    async with database.transaction() as tx:
        message = Message(C1, "1.0", "0.5")
        return (await tx.documents.accept(T1, FileId(file_id), message, now=1.0)).document_id


async def claimed(database: Database) -> Job:
    async with database.transaction() as tx:
        job = await tx.documents.claim(now=2.0)
    assert job is not None
    return job


async def stale(database: Database, now: float = 100.0) -> list[StaleReply]:
    async with database.transaction() as tx:
        return list(await tx.replies.stale(now=now, limit=10))


async def post(database: Database, reply: StaleReply, ts: str = "2.0") -> None:
    async with database.transaction() as tx:
        await tx.replies.posted(
            DocumentId(reply.document.id), reply.channel_id, ts, synced_at=reply.document.changed_at
        )


async def test_a_reply_that_was_never_posted_is_stale_and_knows_its_thread(database: Database) -> None:
    document_id = await shared(database)
    (reply,) = await stale(database)
    assert (reply.document.id, reply.channel_id) == (document_id, C1)
    assert (reply.message_ts, reply.thread_ts, reply.ts, reply.posting_since) == ("1.0", "0.5", None, None)


async def test_a_posted_reply_is_stale_again_after_the_next_change(database: Database) -> None:
    await shared(database)
    (reply,) = await stale(database)
    await post(database, reply)
    assert not await stale(database)
    await claimed(database)
    (reply,) = await stale(database)
    assert reply.ts == "2.0"


async def test_a_change_while_the_reply_was_being_posted_is_not_missed(database: Database) -> None:
    await shared(database)
    (reply,) = await stale(database)
    await claimed(database)
    await post(database, reply)
    assert len(await stale(database)) == 1


async def test_a_change_is_not_missed_when_the_clock_is_set_back(database: Database) -> None:
    await shared(database)
    job = await claimed(database)
    (reply,) = await stale(database)
    await post(database, reply)
    async with database.transaction() as tx:
        assert await tx.documents.progress(job, Stage.EXTRACT, 1, 2, now=-1000.0)
    assert len(await stale(database)) == 1


async def test_a_post_that_was_begun_is_remembered_until_it_is_known(database: Database) -> None:
    document_id = await shared(database)
    async with database.transaction() as tx:
        await tx.replies.posting(document_id, C1, now=5.0)
    (reply,) = await stale(database)
    assert reply.posting_since == 5.0
    await post(database, reply)
    await claimed(database)
    (reply,) = await stale(database)
    assert reply.posting_since is None


async def test_a_postponed_reply_waits_for_its_time(database: Database) -> None:
    document_id = await shared(database)
    async with database.transaction() as tx:
        await tx.replies.postpone(document_id, C1, error="busy", not_before=50.0)
    assert not await stale(database, now=49.0)
    (reply,) = await stale(database, now=50.0)
    assert reply.attempts == 1


async def test_a_dropped_reply_is_never_begun_again(database: Database) -> None:
    document_id = await shared(database)
    async with database.transaction() as tx:
        await tx.replies.drop(document_id, C1)
    await shared(database)
    await claimed(database)
    assert not await stale(database)


async def test_a_reply_that_was_posted_tells_of_the_deletion_and_an_unposted_one_is_forgotten(
    database: Database,
) -> None:
    await shared(database)
    (reply,) = await stale(database)
    await post(database, reply)
    await shared(database, "F2")
    async with database.transaction() as tx:
        await tx.documents.tombstone(T1, FileId("F1"), now=9.0)
        await tx.documents.tombstone(T1, FileId("F2"), now=9.0)
    (reply,) = await stale(database)
    assert reply.document.file_id == "F1"
    assert reply.document.error_code == "deleted"


examples = itertools.count()


def test_a_reply_is_stale_exactly_when_it_does_not_show_the_last_change(runs: Run) -> None:
    clocks = st.sampled_from([-5.0, 0.0, 3.0, 3.0000001, 1e9])

    @given(st.lists(st.tuples(st.booleans(), clocks), max_size=15))
    @settings(max_examples=40, deadline=None)
    def check(steps: list[Any]) -> None:
        async def scenario(database: Database) -> None:
            workspace, shown = WorkspaceId(f"T{next(examples)}"), None
            async with database.transaction() as tx:
                accepted = await tx.documents.accept(workspace, FileId("F"), Message(C1), now=3.0)
                job = await tx.documents.claim(now=3.0, only=workspace)
                assert job is not None
                for is_change, now in steps:
                    document = await tx.documents.get(accepted.document_id)
                    assert document is not None
                    if is_change:
                        assert await tx.documents.progress(job, Stage.EMBED, 0, 0, now=now)
                        shown = None
                    else:
                        await tx.replies.posted(accepted.document_id, C1, "1.0", document.changed_at)
                        shown = document.changed_at
                    waiting = await tx.replies.stale(now=1e10, limit=10_000)
                    assert (shown is None) == any(r.document.id == document.id for r in waiting)

        runs(scenario)

    check()
