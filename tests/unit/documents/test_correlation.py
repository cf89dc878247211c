"""What a document or question follows from is kept with it, for whoever works on it later or elsewhere."""

from __future__ import annotations

from bot.correlation import correlated, current
from bot.database import Database
from bot.documents.conversations import Thread
from bot.domain import ChannelId, FileId, Message, UserId, WorkspaceId

TEAM, FILE = WorkspaceId("T1"), FileId("F1")


async def test_a_job_carries_the_id_of_what_had_its_document_read_last(database: Database) -> None:
    async def claimed() -> str | None:
        async with database.transaction() as tx:
            job = await tx.documents.claim(now=1e9)
            assert job
            await tx.documents.keep(job, now=1e9)
            return job.correlation_id

    for event in ("Ev1", "Ev2"):  # the same share is told twice: the first one had it read
        with correlated(event):
            async with database.transaction() as tx:
                accepted = await tx.documents.accept(TEAM, FILE, Message(ChannelId("C1")), now=1e9)
    assert current() is None
    assert await claimed() == "Ev1"

    with correlated("Ev3"):
        async with database.transaction() as tx:
            await tx.documents.refresh(TEAM, FILE, now=1e9, debounce_s=0.0, latest_s=0.0)
    assert await claimed() == "Ev3"

    with correlated("command-4"):
        async with database.transaction() as tx:
            await tx.documents.requeue(accepted.document_id, now=1e9)
    assert await claimed() == "command-4"


async def test_a_question_carries_the_id_of_its_event(database: Database) -> None:
    with correlated("Ev1"):
        async with database.transaction() as tx:
            thread = Thread(TEAM, ChannelId("C1"), "1.0")
            await tx.conversations.ask(thread, "1.0", UserId("U1"), "why?", "mention", now=1e9)
    async with database.transaction() as tx:
        [turn] = await tx.conversations.due(now=1e9, limit=1, besides=[])
    assert turn.correlation_id == "Ev1"
