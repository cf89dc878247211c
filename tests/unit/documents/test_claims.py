from __future__ import annotations

from typing import Any

import pytest

from bot.database import Database
from bot.documents.repository import Repositories
from bot.documents.transitions import StageOutOfOrder
from bot.domain import (
    ChannelId,
    DocumentId,
    FileId,
    FileInfo,
    Job,
    Message,
    Stage,
    Status,
    WorkspaceId,
)

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
C1 = ChannelId("C1")


async def accept(tx: Repositories, file_id: str, workspace: WorkspaceId = T1, now: float = 1.0) -> DocumentId:
    accepted = await tx.documents.accept(workspace, FileId(file_id), Message(C1, "1.0"), now=now)
    return accepted.document_id


async def claim(tx: Repositories, now: float = 10.0) -> Job:
    job = await tx.documents.claim(now=now)
    assert job is not None
    return job


def info(**changes: Any) -> FileInfo:  # noqa: ANN401  # any field
    values: dict[str, Any] = {
        "file_id": FileId("F1"),
        "name": "a.pdf",
        "title": "A",
        "mimetype": "application/pdf",
        "size": 7,
        "mode": "hosted",
        "uploader": None,
        "download_url": None,
        "permalink": None,
    }
    return FileInfo(**(values | changes))


async def test_a_claim_takes_the_oldest_document_and_counts_the_attempt(database: Database) -> None:
    async with database.transaction() as tx:
        await accept(tx, "young", now=2.0)
        old = await accept(tx, "old", now=1.0)
        job = await claim(tx, now=5.0)
        document = await tx.documents.get(old)
    assert (job.key, job.group, job.attempt) == (old, T1, 1)
    assert document is not None
    assert (document.status, document.token, document.attempts) == (Status.PROCESSING, job.token, 1)
    assert (document.started_at, document.changed_at) == (5.0, 5.0)


async def test_a_document_is_claimed_by_one_job_only(database: Database) -> None:
    async with database.transaction() as tx:
        await accept(tx, "F1")
        await claim(tx)
        assert await tx.documents.claim(now=10.0) is None


async def test_the_least_busy_workspace_is_served_first(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(5):
            await accept(tx, f"A{number}", T1, now=1.0 + number)
        for number in range(3):
            await accept(tx, f"B{number}", T2, now=100.0 + number)
        groups = [(await claim(tx, now=200.0 + turn)).group for turn in range(8)]
    assert groups == [T1, T2, T1, T2, T1, T2, T1, T1]


async def test_one_slot_goes_round_the_workspaces(database: Database) -> None:
    groups = []
    async with database.transaction() as tx:
        for number in range(5):
            await accept(tx, f"A{number}", T1, now=1.0 + number)
        for number in range(2):
            await accept(tx, f"B{number}", T2, now=100.0)
        for turn in range(7):
            job = await claim(tx, now=200.0 + turn)
            groups.append(job.group)
            await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=200.5 + turn)
    assert groups == [T1, T2, T1, T2, T1, T1, T1]


async def test_a_claim_can_keep_to_one_workspace(database: Database) -> None:
    async with database.transaction() as tx:
        await accept(tx, "A", T1)
        assert await tx.documents.claim(now=10.0, only=T2) is None
        assert await tx.documents.next_due_in(now=10.0, only=T2) is None
        assert await tx.documents.next_due_in(now=10.0, only=T1) == 0.0


async def test_a_retry_waits_for_its_time_and_says_why(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        job = await claim(tx, now=10.0)
        assert await tx.documents.retry(job, code="busy", detail="Slack is busy", not_before=14.0, now=11.0)
        document = await tx.documents.get(document_id)
        assert document is not None
        assert (document.status, document.error_detail) == (Status.PENDING, "Slack is busy")
        assert await tx.documents.claim(now=13.0) is None
        assert await tx.documents.next_due_in(now=13.0) == 1.0
        assert (await claim(tx, now=14.0)).attempt == 2


async def test_a_released_attempt_does_not_count(database: Database) -> None:
    async with database.transaction() as tx:
        await accept(tx, "F1")
        first = await claim(tx)
        assert await tx.documents.release(first, now=11.0)
        assert (await claim(tx)).attempt == 1


async def test_finishing_forgets_former_errors(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        job = await claim(tx)
        await tx.documents.retry(job, code="busy", detail="Slack is busy", not_before=0.0, now=11.0)
        job = await claim(tx)
        assert await tx.documents.finish(job, pages=3, chunks=9, partial="Only 3 pages", now=12.0)
        document = await tx.documents.get(document_id)
    assert document is not None
    assert (document.status, document.pages, document.chunks) == (Status.INDEXED, 3, 9)
    assert (document.partial, document.indexed_at) == ("Only 3 pages", 12.0)
    assert (document.error_code, document.error_detail, document.token) == (None, None, None)


async def test_recovery_returns_documents_and_gives_poison_up(database: Database) -> None:
    async with database.transaction() as tx:
        good, poison = await accept(tx, "good", now=2.0), await accept(tx, "poison", now=1.0)
        for _ in range(2):
            job = await claim(tx)
            assert job.key == poison
            await tx.documents.retry(job, code="x", detail="x", not_before=0.0, now=10.0)
        held = [await claim(tx), await claim(tx)]
        assert await tx.documents.recover(now=20.0, max_attempts=3) == 1
        returned, given_up = await tx.documents.get(good), await tx.documents.get(poison)
        assert not await tx.documents.finish(held[0], pages=1, chunks=1, partial=None, now=21.0)
    assert returned is not None
    assert given_up is not None
    assert (returned.status, returned.token, returned.attempts) == (Status.PENDING, None, 1)
    assert (given_up.status, given_up.error_code) == (Status.FAILED, "poison")
    assert given_up.error_detail
    assert given_up.error_advice


async def test_a_job_that_lost_its_document_writes_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        job = await claim(tx)
        await tx.documents.tombstone(T1, FileId("F1"), now=11.0)
        before = await tx.documents.get(document_id)
        documents = tx.documents
        assert not await documents.describe(job, info(), now=12.0)
        assert await documents.content(job, "hash", now=12.0) is None
        assert not await documents.progress(job, Stage.EXTRACT, 1, 2, now=12.0)
        assert not await documents.retry(job, code="x", detail="x", not_before=0.0, now=12.0)
        assert not await documents.fail(job, code="x", detail="x", advice="x", now=12.0)
        assert not await documents.release(job, now=12.0)
        assert not await documents.finish(job, pages=1, chunks=1, partial=None, now=12.0)
        after = await tx.documents.get(document_id)
    assert before is not None
    assert after is not None
    assert after.model_dump() == before.model_dump()


async def test_a_job_that_goes_back_to_an_earlier_stage_is_a_bug(database: Database) -> None:
    async with database.transaction() as tx:
        await accept(tx, "F1")
        job = await claim(tx)
        assert await tx.documents.progress(job, Stage.EMBED, 1, 2, now=11.0)
        assert await tx.documents.progress(job, Stage.EMBED, 2, 2, now=12.0)
        with pytest.raises(StageOutOfOrder):
            await tx.documents.progress(job, Stage.DOWNLOAD, 0, 0, now=13.0)


async def test_a_new_attempt_begins_at_the_first_stage(database: Database) -> None:
    async with database.transaction() as tx:
        await accept(tx, "F1")
        job = await claim(tx)
        await tx.documents.progress(job, Stage.INDEX, 1, 2, now=11.0)
        await tx.documents.release(job, now=12.0)
        assert await tx.documents.progress(await claim(tx), Stage.DOWNLOAD, 0, 0, now=13.0)


async def test_names_from_outside_are_cut_and_mended(database: Database) -> None:
    hostile = info(title="\ud800" + "x" * 10_000, name="a\ud800.pdf", size=2**80)
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        job = await claim(tx)
        assert await tx.documents.describe(job, hostile, now=11.0)
        assert await tx.documents.fail(job, code="x", detail="\udfff" * 9_999, advice="", now=11.0)
        document = await tx.documents.get(document_id)
    assert document is not None
    assert document.title == "?" + "x" * 499
    assert document.name == "a?.pdf"
    assert document.size == 2**63 - 1


async def test_asking_again_makes_a_new_generation(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        assert not await tx.documents.requeue(document_id, now=5.0)  # it waits already
        job = await claim(tx)
        assert not await tx.documents.requeue(document_id, now=11.0)  # it is being read
        await tx.documents.fail(job, code="x", detail="x", advice="x", now=12.0)
        assert await tx.documents.requeue(document_id, now=13.0)
        document = await tx.documents.get(document_id)
    assert document is not None
    assert (document.status, document.generation, document.attempts) == (Status.PENDING, 2, 0)
    assert document.error_code is None


async def test_what_was_deleted_cannot_be_asked_for_again(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await accept(tx, "F1")
        job = await claim(tx)
        await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=12.0)
        assert await tx.documents.tombstone(T1, FileId("F1"), now=13.0) == document_id
        assert await tx.documents.tombstone(T1, FileId("F1"), now=14.0) == document_id
        document = await tx.documents.get(document_id)
        assert not await tx.documents.requeue(document_id, now=15.0)
    assert document is not None
    assert (document.generation, document.tombstoned_at) == (2, 13.0)
