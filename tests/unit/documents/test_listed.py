from __future__ import annotations

from dataclasses import replace

import pytest

from bot.database import Database
from bot.documents.knowledge_tables import Upload
from bot.domain import API_WORKSPACE, ChannelId, DocumentId, FileId, Message, Scope, Status, WorkspaceId

A, B = ChannelId("SA"), ChannelId("SB")
SCOPE = Scope(API_WORKSPACE, frozenset({A}))


async def fill(database: Database) -> list[DocumentId]:
    """Five documents in A, two of them made at the same time; one in B; one in a channel of that name."""
    ids = []
    async with database.transaction() as tx:
        for number, (workspace, space, at) in enumerate(
            [(API_WORKSPACE, A, at) for at in (1.0, 2.0, 2.0, 3.0, 0.1 + 0.2)]
            + [(API_WORKSPACE, B, 5.0), (WorkspaceId("T1"), A, 6.0)]
        ):
            file_id = FileId(f"f{number}")
            accepted = await tx.documents.accept(workspace, file_id, Message(space, "0"), now=at)
            upload = Upload(
                file_id=file_id, space_id=space, key_id="k", title=f"50% _of_ {number}", name="a.txt",
                mimetype="", size=10, created_at=at,
            )  # fmt: skip
            await tx.uploads.introduce(accepted.document_id, upload, now=at)
            ids.append(accepted.document_id)
    return ids


async def test_a_list_goes_on_behind_its_last_document_also_among_twins_of_a_moment(
    database: Database,
) -> None:
    ids = await fill(database)
    seen: list[str] = []
    after = None
    async with database.transaction() as tx:
        while page := await tx.documents.listed(SCOPE, after=after, limit=2):
            seen += [document.id for document, _ in page]
            after = (page[-1][0].created_at, page[-1][0].id)
    assert seen == [ids[3], *sorted(ids[1:3], reverse=True), ids[0], ids[4]]


@pytest.mark.parametrize(
    ("title", "found"), [("50% _OF_", 5), ("50%", 5), ("5_%", 0), ("%", 5), ("of_ 3", 1), ("x", 0)]
)
async def test_a_part_of_a_title_is_taken_as_it_stands(database: Database, title: str, found: int) -> None:
    await fill(database)
    async with database.transaction() as tx:
        assert len(await tx.documents.listed(SCOPE, title=title, limit=9)) == found


async def test_a_list_and_its_totals_hold_what_the_scope_may_read_and_no_more(database: Database) -> None:
    ids = await fill(database)
    async with database.transaction() as tx:
        assert await tx.documents.listed(replace(SCOPE, channels=frozenset()), limit=9) == []
        assert await tx.documents.totals(replace(SCOPE, channels=frozenset())) == []
        both = replace(SCOPE, channels=frozenset({A, B}))
        assert {space for _, space in await tx.documents.listed(both, limit=9)} == {A, B}
        assert await tx.documents.listed(replace(SCOPE, documents=frozenset({ids[5]})), limit=9) == []
        assert len(await tx.documents.listed(SCOPE, status=Status.PENDING, limit=9)) == 5
        assert await tx.documents.listed(SCOPE, status=Status.INDEXED, limit=9) == []
        totals = await tx.documents.totals(both)
        assert {(one.channel, one.status, one.documents, one.size) for one in totals} == {
            (A, Status.PENDING, 5, 50),
            (B, Status.PENDING, 1, 10),
        }
