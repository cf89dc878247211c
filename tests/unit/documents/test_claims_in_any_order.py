from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.documents.repository import Repositories
from bot.documents.transitions import MAY_FOLLOW
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Status, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
STEPS = ("accept", "claim", "finish", "fail", "retry", "release", "requeue", "tombstone", "recover")
examples = itertools.count()

steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(0, 5)), min_size=5, max_size=40
)


class World:
    """One workspace of three files; every job that was ever claimed goes on trying to write."""

    def __init__(self, tx: Repositories, workspace: WorkspaceId) -> None:
        self.tx = tx
        self.workspace = workspace
        self.jobs: list[Job] = []

    async def do(self, step: str, file: int, job: int, now: float) -> tuple[Job | None, bool]:
        """Take a step; the job whose write it was, and whether it was told that it counts."""
        documents, file_id = self.tx.documents, FileId(f"F{file}")
        if step == "accept":
            await documents.accept(self.workspace, file_id, Message(ChannelId("C1")), now=now)
        elif step == "claim":
            claimed = await documents.claim(now=now, only=self.workspace)
            self.jobs += [claimed] if claimed else []
        elif step == "tombstone":
            await documents.tombstone(self.workspace, file_id, now=now)
        elif step == "recover":
            await documents.recover(now=now, max_attempts=3)
        elif step == "requeue":
            document = await documents.find(self.workspace, file_id)
            await documents.requeue(DocumentId(document.id if document else "none"), now=now)
        elif self.jobs:
            writer = self.jobs[job % len(self.jobs)]
            return writer, await self.write(step, writer, now)
        return None, False

    async def write(self, step: str, job: Job, now: float) -> bool:
        documents = self.tx.documents
        if step == "finish":
            return await documents.finish(job, pages=1, chunks=1, partial=None, now=now)
        if step == "fail":
            return await documents.fail(job, code="x", detail="x", advice="x", now=now)
        if step == "retry":
            return await documents.retry(job, code="x", detail="x", not_before=now, now=now)
        return await documents.release(job, now=now)

    async def rows(self) -> dict[str, dict[str, Any]]:
        found = [await self.tx.documents.find(self.workspace, FileId(f"F{n}")) for n in range(3)]
        return {document.id: document.model_dump() for document in found if document}


def test_whatever_happens_in_whatever_order_only_the_holder_of_a_document_writes(runs: Run) -> None:
    @given(steps)
    @settings(max_examples=40, deadline=None)
    def check(happenings: list[Any]) -> None:
        async def scenario(database: Database) -> None:
            async with database.transaction() as tx:
                world = World(tx, WorkspaceId(f"T{next(examples)}"))
                for step, file, job in happenings:
                    before = await world.rows()
                    writer, told = await world.do(step, file, job, now=1.0)  # a clock that stands still
                    check_step(before, await world.rows(), writer, told=told)

        runs(scenario)

    check()


def check_step(before: dict[str, Any], after: dict[str, Any], writer: Job | None, *, told: bool) -> None:
    if writer is not None:
        held = before[writer.key]["token"] == writer.token
        assert told == held
        assert (before != after) == held
    for key, row in after.items():
        assert (row["token"] is not None) == (row["status"] == Status.PROCESSING)
        old = before.get(key, row)
        assert row["generation"] >= old["generation"]
        assert old["tombstoned_at"] is None or row == old
        if row != old:
            assert row["changed_at"] > old["changed_at"]
        if row["status"] != old["status"]:
            assert Status(row["status"]) in MAY_FOLLOW[Status(old["status"])]
