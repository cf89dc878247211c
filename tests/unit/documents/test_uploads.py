from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from bot.database import Database
from bot.documents.knowledge_tables import API_REQUEST, UPLOAD_PIECE, Upload
from bot.documents.repository import Repositories
from bot.documents.uploads import ABANDONED_S, MAX_REQUESTS, REPEATABLE_S
from bot.domain import API_WORKSPACE, ApiKey, ChannelId, DocumentId, FileId, Message, Right

SPACE, KEY = ChannelId("S1"), ApiKey("fmk_00000001", "ci", frozenset({Right.WRITE}), 0.0, 1e9)
FILE = FileId("f1")


def an_upload(file_id: str = FILE, at: float = 1.0) -> Upload:
    return Upload(
        file_id=file_id, space_id=SPACE, key_id=KEY.id, title="Plan", name="plan.txt",
        mimetype="text/plain", size=4, created_at=at,
    )  # fmt: skip


async def accepted(tx: Repositories, file_id: FileId = FILE) -> DocumentId:
    return (await tx.documents.accept(API_WORKSPACE, file_id, Message(SPACE, "0"), now=1.0)).document_id


async def uploaded(database: Database) -> None:
    async with database.transaction() as tx:
        for _ in range(2):  # whoever sends it again changes nothing
            await tx.uploads.add(an_upload())
            await tx.uploads.add_piece(FILE, 0, b"\x00wo")
            await tx.uploads.add_piece(FILE, 1, b"\xff")


async def test_an_uploads_bytes_are_kept_until_its_document_has_its_verdict(database: Database) -> None:
    await uploaded(database)
    async with database.transaction() as tx:
        assert [await tx.uploads.piece(FILE, ordinal) for ordinal in range(3)] == [b"\x00wo", b"\xff", None]
        await accepted(tx)
        assert await tx.uploads.clear(now=1e9) == 0
        job = await tx.documents.claim(now=2.0)
        assert job is not None
        assert await tx.uploads.clear(now=1e9) == 0
        await tx.documents.fail(job, code="x", detail="x", advice="", now=3.0)
        assert await tx.uploads.clear(now=3.0) == 1
        assert await tx.uploads.get(FILE) is None
        assert await tx.uploads._session.scalar(select(func.count()).select_from(UPLOAD_PIECE)) == 0


async def test_the_bytes_of_a_deleted_document_are_not_kept(database: Database) -> None:
    await uploaded(database)
    async with database.transaction() as tx:
        await accepted(tx)
        await tx.documents.tombstone(API_WORKSPACE, FILE, now=2.0)
        assert await tx.uploads.clear(now=2.0) == 1


async def test_an_upload_that_broke_off_is_cleared_after_a_while(database: Database) -> None:
    await uploaded(database)
    async with database.transaction() as tx:
        assert await tx.uploads.clear(now=1.0 + ABANDONED_S) == 0
        assert await tx.uploads.clear(now=1.1 + ABANDONED_S) == 1


async def test_a_document_is_called_by_its_upload_until_somebody_read_it(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accepted(tx)
        await tx.uploads.introduce(document_id, an_upload(), now=2.0)
        other = an_upload()
        other.title = "Another"
        await tx.uploads.introduce(document_id, other, now=3.0)
        document = await tx.documents.get(document_id)
        assert document is not None
        assert (document.title, document.name, document.uploader) == ("Plan", "plan.txt", KEY.id)
        gone = await accepted(tx, FileId("f2"))
        await tx.documents.tombstone(API_WORKSPACE, FileId("f2"), now=2.0)
        await tx.uploads.introduce(gone, an_upload("f2"), now=3.0)
        deleted = await tx.documents.get(gone)
        assert deleted is not None
        assert deleted.title == ""


async def test_a_request_is_known_by_its_name_for_a_day_and_keeps_its_first_answer(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await tx.api_keys.add(KEY, "hash", ["handbook"])
        first = await tx.uploads.begin(KEY.id, "n", "print", FILE, now=1.0)
        assert (first.file_id, first.status) == (FILE, None)
        await tx.uploads.answered(KEY.id, "n", 202, {"id": "1"})
        await tx.uploads.answered(KEY.id, "n", 201, {"id": "2"})
        again = await tx.uploads.begin(KEY.id, "n", "other print", FileId("f2"), now=1.0 + REPEATABLE_S)
        assert (again.file_id, again.fingerprint) == (FILE, "print")
        assert (again.status, again.answer) == (202, {"id": "1"})
        late = await tx.uploads.begin(KEY.id, "n", "other print", FileId("f2"), now=1.1 + REPEATABLE_S)
        assert (late.file_id, late.fingerprint, late.status) == ("f2", "other print", None)


async def test_a_key_has_no_more_requests_remembered_than_so_many(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.api_keys.add(KEY, "hash", ["handbook"])
        rows = [
            {
                "key_id": KEY.id,
                "idempotency_key": f"k{n}",
                "fingerprint": "p",
                "file_id": "f",
                "created_at": n,
            }
            for n in range(MAX_REQUESTS)
        ]
        await tx.uploads._session.execute(insert(API_REQUEST), rows)
        await tx.uploads.begin(KEY.id, "one more", "p", FILE, now=float(MAX_REQUESTS))
        await tx.uploads.begin(KEY.id, "another", "p", FILE, now=float(MAX_REQUESTS))
        assert await tx.uploads._session.scalar(select(func.count()).select_from(API_REQUEST)) == MAX_REQUESTS
        assert (await tx.uploads.begin(KEY.id, "k0", "new", FILE, now=1e5)).fingerprint == "new"


@pytest.mark.parametrize("word", ["fmk_00000001", "ci"])
async def test_a_key_is_revoked_by_id_or_name_and_noted_as_used_once_a_minute(
    database: Database, word: str
) -> None:
    async with database.transaction() as tx:
        assert await tx.api_keys.add(KEY, "hash", ["handbook", "board"]) == {"handbook", "board"}
        other = ApiKey("fmk_00000002", "other", frozenset(Right), 1.0, 1e9)
        assert await tx.api_keys.add(other, "hash 2", ["board"]) == frozenset()
        for now in (10.0, 69.0, 71.0):
            await tx.api_keys.used(KEY.id, now=now)
            found = await tx.api_keys.find(KEY.id)
            assert found
            assert found[0].last_used_at == (10.0 if now < 70.0 else 71.0)
        assert found
        assert (found[1], sorted(found[0].spaces.values())) == ("hash", ["board", "handbook"])
        assert await tx.api_keys.revoke({word}, now=80.0) == [KEY.id]
        assert await tx.api_keys.revoke({word}, now=90.0) == []
        keys = {key.id: key for key in await tx.api_keys.all()}
        assert keys[KEY.id].revoked_at == 80.0
        assert not keys[KEY.id].is_good(85.0)
        assert keys[other.id].is_good(85.0)
        assert keys[other.id].spaces.keys() < found[0].spaces.keys()
        assert await tx.api_keys.find("fmk_nobody") is None
