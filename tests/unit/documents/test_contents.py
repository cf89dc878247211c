from __future__ import annotations

from bot.database import Database
from bot.documents.repository import Repositories
from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Status, WorkspaceId

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
C1 = ChannelId("C1")


async def claimed(tx: Repositories, file_id: str, workspace: WorkspaceId = T1, now: float = 1.0) -> Job:
    await tx.documents.accept(workspace, FileId(file_id), Message(C1), now=now)
    return await again(tx, workspace)


async def again(tx: Repositories, workspace: WorkspaceId = T1) -> Job:
    job = await tx.documents.claim(now=1e6, only=workspace)
    assert job is not None
    return job


async def indexed(
    tx: Repositories, file_id: str, hash_: str, workspace: WorkspaceId = T1, now: float = 1.0
) -> DocumentId:
    job = await claimed(tx, file_id, workspace, now)
    await tx.documents.content(job, hash_, now=2.0)
    assert await tx.documents.finish(job, pages=3, chunks=9, partial="half", now=3.0)
    return DocumentId(job.key)


async def changed(tx: Repositories, file_id: str) -> Job:
    """The file changed and is about to be read."""
    await tx.documents.refresh(T1, FileId(file_id), now=4.0, debounce_s=0.0, latest_s=0.0)
    return await again(tx)


async def row(tx: Repositories, document_id: DocumentId | str) -> Document:
    document = await tx.documents.get(DocumentId(document_id))
    assert document is not None
    return document


async def test_the_first_bytes_are_the_first_generation(database: Database) -> None:
    async with database.transaction() as tx:
        job = await claimed(tx, "F1")
        content = await tx.documents.content(job, "a", now=2.0)
        document = await row(tx, job.key)
    assert content is not None
    assert (content.generation, content.unchanged, content.twin) == (1, False, None)
    assert (document.generation, document.content_hash, document.indexed_hash) == (1, "a", None)


async def test_bytes_that_are_visible_already_are_unchanged_and_kept_as_they_were(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1", "a")
        before = await row(tx, document_id)
        job = await changed(tx, "F1")
        content = await tx.documents.content(job, "a", now=5.0)
        assert content is not None
        assert (content.generation, content.unchanged) == (1, True)
        assert await tx.documents.keep(job, now=6.0)
        after = await row(tx, document_id)
    assert after.status == Status.INDEXED
    assert (after.pages, after.chunks, after.partial, after.indexed_at) == (3, 9, "half", 3.0)
    assert (after.indexed_generation, after.indexed_hash) == (before.indexed_generation, "a")


async def test_other_bytes_are_a_new_generation_and_the_old_one_stays_visible_until_the_end(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1", "a")
        job = await changed(tx, "F1")
        content = await tx.documents.content(job, "b", now=5.0)
        assert content is not None
        assert (content.generation, content.unchanged) == (2, False)
        assert (await tx.documents.visible(T1))[document_id].generation == 1
        await tx.documents.finish(job, pages=1, chunks=2, partial=None, now=6.0)
        document = await row(tx, document_id)
        assert (await tx.documents.visible(T1))[document_id].generation == 2
    assert (document.generation, document.indexed_generation, document.indexed_hash) == (2, 2, "b")


async def test_the_same_bytes_in_a_later_attempt_are_the_same_generation(database: Database) -> None:
    async with database.transaction() as tx:
        job = await claimed(tx, "F1")
        await tx.documents.content(job, "a", now=2.0)
        await tx.documents.retry(job, code="x", detail="x", not_before=0.0, now=3.0)
        content = await tx.documents.content(await again(tx), "a", now=4.0)
    assert content is not None
    assert (content.generation, content.unchanged) == (1, False)


async def test_bytes_that_come_back_after_others_were_begun_are_read_anew(database: Database) -> None:
    """The job of the others may have written them to the index before it was cut off."""
    async with database.transaction() as tx:
        await indexed(tx, "F1", "a")
        lost = await changed(tx, "F1")
        await tx.documents.content(lost, "b", now=5.0)
        content = await tx.documents.content(await changed(tx, "F1"), "a", now=6.0)
    assert content is not None
    assert (content.generation, content.unchanged) == (3, False)


async def test_the_oldest_indexed_document_of_the_workspace_with_these_bytes_is_the_twin(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await indexed(tx, "F0", "a", T2)
        second = await indexed(tx, "F2", "a", now=2.0)
        first = await indexed(tx, "F1", "a", now=1.0)
        await indexed(tx, "F3", "b")
        third = await claimed(tx, "F4", now=9.0)
        content = await tx.documents.content(third, "a", now=10.0)
        assert content is not None
        assert content.twin == first
        await tx.documents.tombstone(T1, FileId("F1"), now=11.0)
        content = await tx.documents.content(third, "a", now=12.0)
        assert content is not None
        assert content.twin == second
        await changed(tx, "F2")
        content = await tx.documents.content(third, "a", now=13.0)
    assert content is not None
    assert content.twin is None  # it may be replaced while it is copied


async def test_a_failed_document_is_visible_no_longer(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1", "a")
        job = await changed(tx, "F1")
        await tx.documents.fail(job, code="x", detail="x", advice="x", now=5.0)
        document = await row(tx, document_id)
        assert not await tx.documents.visible(T1)
    assert (document.indexed_generation, document.indexed_hash) == (None, None)


async def test_a_document_given_up_in_recovery_is_visible_no_longer(database: Database) -> None:
    async with database.transaction() as tx:
        await indexed(tx, "F1", "a")
        await changed(tx, "F1")
        await tx.documents.recover(now=5.0, max_attempts=1)
        assert not await tx.documents.visible(T1)


async def test_an_outage_is_a_wait_and_no_attempt(database: Database) -> None:
    async with database.transaction() as tx:
        job = await claimed(tx, "F1")
        for waits in (1, 2):
            await tx.documents.retry(job, code="x", detail="x", not_before=0.0, now=2.0, counts=False)
            document = await row(tx, job.key)
            assert (document.status, document.attempts, document.waits) == (Status.PENDING, 0, waits)
            job = await again(tx)
        assert job.attempt == 1
        await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=3.0)
        assert (await row(tx, job.key)).waits == 0
