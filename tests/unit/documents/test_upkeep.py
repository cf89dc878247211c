from __future__ import annotations

from bot.database import Database
from bot.documents.repository import Repositories
from bot.documents.upkeep import Visible
from bot.domain import (
    LOCAL_CHANNEL,
    LOCAL_WORKSPACE,
    ChannelId,
    DocumentId,
    FileId,
    FileInfo,
    Job,
    Message,
    WorkspaceId,
)

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
C1, C2 = ChannelId("C1"), ChannelId("C2")


async def claimed(tx: Repositories, file_id: str, workspace: WorkspaceId, channel: ChannelId) -> Job:
    await tx.documents.accept(workspace, FileId(file_id), Message(channel), now=1.0)
    job = await tx.documents.claim(now=1e6, only=workspace)
    assert job is not None
    return job


async def indexed(
    tx: Repositories, file_id: str, workspace: WorkspaceId = T1, channel: ChannelId = C1
) -> DocumentId:
    job = await claimed(tx, file_id, workspace, channel)
    described = FileInfo(FileId(file_id), "a.txt", "", "text/plain", 1, "hosted", None, None, None)
    await tx.documents.describe(job, described, now=2.0)
    await tx.documents.content(job, f"bytes of {file_id}", now=2.0)
    await tx.documents.finish(job, pages=1, chunks=7, partial=None, now=3.0)
    return DocumentId(job.key)


async def to_check(tx: Repositories, before: float = 100.0) -> list[str]:
    return [document.file_id for document in await tx.documents.to_check(before=before, limit=10)]


async def test_what_searches_should_see_is_told_with_title_and_channels(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1")
        await tx.documents.accept(T1, FileId("F1"), Message(C2), now=4.0)
        await indexed(tx, "F1", T2)
        assert await tx.documents.visible(T1) == {
            document_id: Visible(1, 7, frozenset({C1, C2}), "a.txt", indexed=True)
        }


async def test_a_document_shared_nowhere_is_visible_in_no_channel(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1")
        await tx.documents.remove_share(document_id, C1)
        assert (await tx.documents.visible(T1))[document_id].channels == frozenset()


async def test_a_document_that_is_read_again_stays_visible_as_it_was(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1")
        await tx.documents.refresh(T1, FileId("F1"), now=4.0, debounce_s=0.0, latest_s=0.0)
        job = await tx.documents.claim(now=1e6)
        assert job is not None
        await tx.documents.content(job, "others", now=5.0)
        assert (await tx.documents.visible(T1))[document_id] == Visible(
            1, 7, frozenset({C1}), "a.txt", indexed=False
        )


async def test_what_was_never_indexed_or_is_deleted_is_not_visible(database: Database) -> None:
    async with database.transaction() as tx:
        await indexed(tx, "F1")
        await tx.documents.tombstone(T1, FileId("F1"), now=4.0)
        await claimed(tx, "F2", T1, C1)
        await tx.documents.accept(T1, FileId("F3"), Message(C1), now=4.0)
        assert await tx.documents.visible(T1) == {}


async def test_those_not_asked_for_longest_are_checked_first(database: Database) -> None:
    async with database.transaction() as tx:
        first, second = await indexed(tx, "F1"), await indexed(tx, "F2")
        await tx.documents.checked(first, now=20.0)
        await tx.documents.checked(second, now=10.0)
        assert await to_check(tx) == ["F2", "F1"]
        assert await to_check(tx, before=20.0) == ["F2"]
        assert await to_check(tx, before=10.0) == []
        assert len(await tx.documents.to_check(before=100.0, limit=1)) == 1


async def test_to_check_a_document_changes_neither_its_version_nor_its_replies(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await indexed(tx, "F1")
        (reply,) = await tx.replies.stale(now=9.0, limit=5)
        await tx.replies.posted(document_id, C1, "1.0", synced_at=reply.document.changed_at)
        await tx.documents.checked(document_id, now=20.0)
        assert not await tx.replies.stale(now=1e9, limit=5)
        document = await tx.documents.get(document_id)
    assert document is not None
    assert (document.checked_at, document.changed_at) == (20.0, reply.document.changed_at)


async def test_only_what_has_a_verdict_and_somebody_to_ask_is_checked(database: Database) -> None:
    async with database.transaction() as tx:
        failed = await claimed(tx, "failed", T1, C1)
        await tx.documents.fail(failed, code="x", detail="x", advice="x", now=2.0)
        await claimed(tx, "running", T1, C1)
        await indexed(tx, "deleted")
        await tx.documents.tombstone(T1, FileId("deleted"), now=4.0)
        await indexed(tx, "gone", T2)
        await tx.workspaces.uninstall(T2, now=5.0)
        await indexed(tx, "/here.txt", LOCAL_WORKSPACE, LOCAL_CHANNEL)
        await tx.documents.accept(T1, FileId("waiting"), Message(C1), now=4.0)
        assert await to_check(tx) == ["failed"]
