from __future__ import annotations

from bot.database import Database
from bot.domain import ChannelId, FileId, FileInfo, Message, Status, WorkspaceId

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")


async def fail(database: Database, file_id: str, title: str, workspace: WorkspaceId, now: float) -> None:
    """A file of that name that can't be read."""
    async with database.transaction() as tx:
        await tx.documents.accept(workspace, FileId(file_id), Message(ChannelId("C1"), "1.0"), now=now)
        job = await tx.documents.claim(now=now)
        assert job is not None
        info = FileInfo(FileId(file_id), title, title, "text/plain", 1, "hosted", None, None, None)
        await tx.documents.describe(job, info, now=now)
        await tx.documents.fail(job, code="binary", detail="it is binary", advice="", now=now)


async def test_operators_list_documents_of_all_workspaces_by_status_and_words_page_by_page(
    database: Database,
) -> None:
    for number, (title, workspace) in enumerate([("100%.txt", T1), ("Straße.md", T2), ("a_b.csv", T1)]):
        await fail(database, f"F{number}", title, workspace, float(number + 1))
    async with database.transaction() as tx:
        await tx.documents.accept(T2, FileId("F9"), Message(ChannelId("C9"), "1.0"), now=9.0)

    async def listed(words: str = "", status: Status | None = None, offset: int = 0) -> tuple[list[str], int]:
        async with database.transaction(reading=True) as tx:
            found = await tx.overview.overview(status=status, words=words, limit=2, offset=offset)
        return [one.file_id for one in found.documents], found.total

    assert await listed() == (["F9", "F2"], 4)
    assert await listed(offset=2) == (["F1", "F0"], 4)
    assert await listed(offset=4) == ([], 4)
    assert await listed(status=Status.PENDING) == (["F9"], 1)
    assert await listed(words="%") == (["F0"], 1)
    assert await listed(words="A_B") == (["F2"], 1)
    assert await listed(words="F1") == (["F1"], 1)
    assert await listed(words="f1") == ([], 0)  # an id is written as it is

    async with database.transaction() as tx:
        await tx.documents.tombstone(T1, FileId("F0"), now=10.0)
    assert (await listed())[1] == 3
