from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.documents.repository import Repositories
from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Status, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1 = WorkspaceId("T1")
F1 = FileId("F1")
C1, C2 = ChannelId("C1"), ChannelId("C2")
DEBOUNCE_S, LATEST_S = 10.0, 60.0


async def accept(tx: Repositories, file_id: FileId = F1) -> DocumentId:
    return (await tx.documents.accept(T1, file_id, Message(C1, "1.0"), now=1.0)).document_id


async def claim(tx: Repositories, now: float = 1.0) -> Job:
    job = await tx.documents.claim(now=now)
    assert job is not None
    return job


async def indexed(tx: Repositories, hash_: str = "a") -> DocumentId:
    await accept(tx)
    job = await claim(tx)
    await tx.documents.content(job, hash_, now=2.0)
    await tx.documents.finish(job, pages=1, chunks=2, partial=None, now=3.0)
    return DocumentId(job.key)


async def refresh(tx: Repositories, now: float, file_id: FileId = F1) -> DocumentId | None:
    return await tx.documents.refresh(T1, file_id, now=now, debounce_s=DEBOUNCE_S, latest_s=LATEST_S)


async def row(tx: Repositories, document_id: DocumentId) -> Document:
    document = await tx.documents.get(document_id)
    assert document is not None
    return document


# Changed


async def test_a_changed_file_is_read_again_once_it_keeps_still(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx)
        assert await refresh(tx, now=100.0) == document_id
        assert await refresh(tx, now=105.0) == document_id
        assert await tx.documents.claim(now=114.0) is None
        assert (await claim(tx, now=115.0)).attempt == 1


async def test_a_file_that_never_keeps_still_is_read_all_the_same(database: Database) -> None:
    async with database.transaction() as tx:
        await indexed(tx)
        for second in range(60):
            assert await tx.documents.claim(now=100.0 + second) is None
            await refresh(tx, now=100.0 + second)
        await claim(tx, now=160.0)
        await refresh(tx, now=161.0)  # a series of its own
        assert await tx.documents.claim(now=170.0) is None
        await claim(tx, now=171.0)


async def test_a_change_takes_the_document_from_the_job_that_reads_it(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx)
        job = await claim(tx)
        await refresh(tx, now=5.0)
        document = await row(tx, document_id)
        assert (document.status, document.token, document.attempts) == (Status.PENDING, None, 0)
        assert document.not_before == 5.0 + DEBOUNCE_S
        assert await tx.documents.content(job, "a", now=6.0) is None
        assert not await tx.documents.keep(job, now=6.0)


async def test_a_change_of_a_failed_document_is_a_new_chance(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx)
        job = await claim(tx)
        await tx.documents.fail(job, code="x", detail="x", advice="x", now=2.0)
        assert await refresh(tx, now=3.0) == document_id
        document = await row(tx, document_id)
    assert (document.status, document.attempts, document.error_code) == (Status.PENDING, 0, None)
    assert document.generation == 2, "who still removes what failed leaves it alone"


async def test_a_change_of_what_is_deleted_or_unknown_is_no_work(database: Database) -> None:
    async with database.transaction() as tx:
        assert await refresh(tx, now=1.0) is None
        await tx.documents.tombstone(T1, F1, now=2.0)
        assert await refresh(tx, now=3.0) is None


examples = itertools.count()


def test_a_series_of_changes_ends_after_the_last_or_at_the_latest_after_the_first(runs: Run) -> None:
    @given(st.lists(st.floats(0.0, 40.0), min_size=1, max_size=12))
    @settings(max_examples=30, deadline=None)
    def check(pauses: list[float]) -> None:
        async def scenario(database: Database) -> None:
            file_id, times = FileId(f"F{next(examples)}"), list(itertools.accumulate(pauses, initial=100.0))
            async with database.transaction() as tx:
                document_id = await accept(tx, file_id)
                for time in times:
                    await refresh(tx, time, file_id)
                document = await row(tx, document_id)
                await tx.documents.tombstone(T1, file_id, now=1.0)
            assert document.not_before == min(times[-1] + DEBOUNCE_S, times[0] + LATEST_S)

        runs(scenario)

    check()


# Asked for again


async def test_asking_again_keeps_what_is_visible(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx)
        assert await tx.documents.requeue(document_id, now=5.0)
        content = await tx.documents.content(await claim(tx, now=6.0), "a", now=6.0)
    assert content is not None
    assert (content.generation, content.unchanged) == (1, True)


async def test_a_repair_reads_the_same_bytes_as_a_new_generation(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx)
        assert await tx.documents.requeue(document_id, now=5.0, force=True, priority=1)
        document = await row(tx, document_id)
        content = await tx.documents.content(await claim(tx, now=6.0), "a", now=6.0)
    assert (document.priority, document.indexed_hash) == (1, None)
    assert content is not None
    assert (content.generation, content.unchanged, content.twin) == (2, False, None)


async def test_asking_again_gives_the_waits_back_too(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx)
        await tx.documents.retry(await claim(tx), code="x", detail="x", not_before=0.0, now=2.0, counts=False)
        await tx.documents.fail(await claim(tx), code="x", detail="x", advice="x", now=3.0)
        await tx.documents.requeue(document_id, now=4.0)
        document = await row(tx, document_id)
    assert (document.attempts, document.waits) == (0, 0)


# Gone


async def test_a_document_that_is_shared_nowhere_is_forgotten_with_its_replies(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx)
        (reply,) = await tx.replies.stale(now=5.0, limit=5)
        await tx.replies.posted(document_id, C1, "2.0", synced_at=reply.document.changed_at - 1)
        assert not await tx.documents.drop_unshared(document_id)
        await tx.documents.remove_share(document_id, C1)
        assert await tx.documents.drop_unshared(document_id)
        assert not await tx.documents.drop_unshared(document_id)
        assert await tx.documents.get(document_id) is None
        assert not await tx.replies.stale(now=1e9, limit=5)


async def test_a_forgotten_file_that_is_shared_again_is_another_document(database: Database) -> None:
    async with database.transaction() as tx:
        former = await accept(tx)
        job = await claim(tx)
        await tx.documents.remove_share(former, C1)
        await tx.documents.drop_unshared(former)
        assert await accept(tx) != former
        assert not await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=5.0)


async def test_a_tombstone_stays_although_nothing_is_shared(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx)
        await tx.documents.tombstone(T1, F1, now=4.0)
        await tx.documents.remove_share(document_id, C1)
        assert not await tx.documents.drop_unshared(document_id)
        assert (await row(tx, document_id)).indexed_hash is None
