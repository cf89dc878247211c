from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.database import Database
from bot.documents.repository import Repositories
from bot.documents.tables import DOCUMENT
from bot.documents.transitions import MAY_FOLLOW
from bot.documents.writes import Content
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Status, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
Rows = dict[str, dict[str, Any]]
OUTSIDE = ("accept", "claim", "change", "touch", "again", "repair", "unshare", "tombstone", "recover")
IN_JOBS = ("go on", "fail", "retry", "wait", "release")
IN_A_ROW = {
    "index": ("accept", "claim", "go on", "go on", "go on"),
    "index half": ("accept", "claim", "go on", "go on"),
    "read anew": ("change", "claim", "go on", "go on", "go on"),
    "read anew half": ("change", "claim", "go on", "go on"),
    "there and back": ("change", "claim", "go on", "go on", "change", "claim", "go on", "go on", "go on"),
    "cut off": ("again", *("claim", "recover") * 3),
    "work": ("claim", "go on", "go on", "go on"),
}
"""What makes a life longer; single steps fall between and into it."""
MUCH_LATER = 1e6
C1 = ChannelId("C1")
examples = itertools.count()


def walk(seed: int) -> list[tuple[str, int, int]]:
    """What happens, to which file, or by which job (0 and 1 mean the last one that was claimed)."""
    rng = random.Random(seed)  # noqa: S311  # a walk that can be repeated
    names = [*IN_A_ROW, *IN_A_ROW, *OUTSIDE, *IN_JOBS]
    drawn = [(rng.choice(names), rng.randrange(3), rng.randrange(4)) for _ in range(20)]
    return [(step, file, job) for name, file, job in drawn for step in IN_A_ROW.get(name, (name,))]


walks = st.integers(0, 2**32).map(walk)
"""Of a list that is drawn step by step, hypothesis makes variations; these are all different."""


@dataclass
class Work:
    """A job and how far it is."""

    job: Job
    bytes_read: str = ""
    content: Content | None = None
    published: bool = False


class World:
    """One workspace of three files whose bytes change, an index, and jobs.

    Every job that was ever claimed goes on trying to write; what it writes to the index is there
    whether it is finished or not.
    """

    def __init__(self, tx: Repositories, workspace: WorkspaceId) -> None:
        self.tx = tx
        self.workspace = workspace
        self.source = [0, 0, 0]
        self.index: dict[str, tuple[int, str]] = {}
        self.written: dict[tuple[str, int], str] = {}
        self.works: list[Work] = []

    async def do(self, step: str, file: int, job: int) -> tuple[Job | None, bool]:
        """Take a step; the job whose write it was, and whether it was told that it counts."""
        if step in OUTSIDE:
            await self.from_outside(step, file, FileId(f"F{file}"), now=1.0)  # a clock that stands still
        elif self.works:
            return await self.write(step, self.works[-1 - (job // 2) % len(self.works)], now=1.0)
        return None, False

    async def from_outside(self, step: str, file: int, file_id: FileId, now: float) -> None:
        documents = self.tx.documents
        document = await documents.find(self.workspace, file_id)
        document_id = DocumentId(document.id if document else "none")
        match step:
            case "accept":
                await documents.accept(
                    self.workspace, file_id, Message(C1), now=now, priority=self.source[file]
                )
            case "claim":
                claimed = await documents.claim(now=MUCH_LATER, only=self.workspace)
                self.works += [Work(claimed)] if claimed else []
            case "change" | "touch":
                self.source[file] = (self.source[file] + (step == "change")) % 2
                await documents.refresh(self.workspace, file_id, now=now, debounce_s=5.0, latest_s=9.0)
            case "again" | "repair":
                await documents.requeue(document_id, now=now, force=step == "repair")
            case "unshare":
                await documents.remove_share(document_id, C1)
                await documents.drop_unshared(document_id)
            case "tombstone":
                await documents.tombstone(self.workspace, file_id, now=now)
            case "recover":
                await documents.recover(now=now, max_attempts=3)

    async def write(self, step: str, work: Work, now: float) -> tuple[Job | None, bool]:
        documents, job = self.tx.documents, work.job
        match step:
            case "fail":
                return job, await documents.fail(job, code="x", detail="x", advice="x", now=now)
            case "retry":
                return job, await documents.retry(job, code="x", detail="x", not_before=now, now=now)
            case "wait":
                told = await documents.retry(job, code="x", detail="x", not_before=now, now=now, counts=False)
                return job, told
            case "release":
                return job, await documents.release(job, now=now)
            case _:
                return await self.go_on(work, now)

    async def go_on(self, work: Work, now: float) -> tuple[Job | None, bool]:
        """The job's next step: read, then keep what is there, or publish and finish."""
        documents, job = self.tx.documents, work.job
        document = await documents.get(DocumentId(job.key))
        if work.content is None:
            number = int(document.file_id[1:]) if document else 0
            work.bytes_read = f"{number % 2}:{self.source[number]}"  # the first and the last are alike
            work.content = await documents.content(job, work.bytes_read, now=now)
            await self.check_twin(work)
            return job, work.content is not None
        if work.content.unchanged:
            return job, await documents.keep(job, now=now)
        if document is not None and document.token == job.token and not work.published:
            self.index[job.key] = (work.content.generation, work.bytes_read)
            work.published = True
            return None, False
        return job, await documents.finish(job, pages=1, chunks=1, partial=None, now=now)

    async def check_twin(self, work: Work) -> None:
        """It is another document, and shows the bytes that were read."""
        if work.content is not None and work.content.twin is not None:
            twin = await self.tx.documents.get(work.content.twin)
            assert twin is not None
            assert (twin.workspace_id, twin.status) == (self.workspace, Status.INDEXED)
            assert twin.id != work.job.key
            assert self.index[twin.id][1] == work.bytes_read

    async def rows(self) -> Rows:
        found = await self.tx.documents._session.execute(
            select(DOCUMENT).where(DOCUMENT.c.workspace_id == self.workspace)
        )
        return {row.id: row._asdict() for row in found}


def test_whatever_happens_in_whatever_order_searches_see_what_the_rows_say(runs: Run) -> None:
    @given(walks)
    @settings(max_examples=40, deadline=None)
    def check(happenings: list[Any]) -> None:
        async def scenario(database: Database) -> None:
            async with database.transaction() as tx:
                world = World(tx, WorkspaceId(f"T{next(examples)}"))
                after: Rows = {}
                for step, file, job in happenings:
                    before = after
                    writer, told = await world.do(step, file, job)
                    after = await world.rows()
                    check_writer(before, after, writer, told=told)
                    for key, row in after.items():
                        check_row(before.get(key, row), row)
                        check_visible(world, row)
                    check_contents(world)

        runs(scenario)

    check()


def check_writer(before: Rows, after: Rows, writer: Job | None, *, told: bool) -> None:
    """Only the holder of a document writes to it."""
    if writer is not None:
        held = writer.key in before and before[writer.key]["token"] == writer.token
        assert told == held
        assert (before != after) == held


def check_row(old: dict[str, Any], row: dict[str, Any]) -> None:
    """Whatever changes a row leaves it whole."""
    assert (row["token"] is not None) == (row["status"] == Status.PROCESSING)
    assert row["generation"] >= old["generation"]
    assert min(row["attempts"], row["waits"]) >= 0
    assert row["changing_since"] is None or row["status"] != Status.PROCESSING
    assert old["tombstoned_at"] is None or row == old
    if row != old:
        assert row["changed_at"] > old["changed_at"]
    if row["status"] != old["status"]:
        assert Status(row["status"]) in MAY_FOLLOW[Status(old["status"])]


def check_visible(world: World, row: dict[str, Any]) -> None:
    """What is called indexed is what the index shows; what failed or went is called visible nowhere."""
    gone = row["tombstoned_at"] is not None
    if row["status"] == Status.INDEXED and not gone:
        assert world.index[row["id"]] == (row["indexed_generation"], row["indexed_hash"])
        assert (row["generation"], row["content_hash"]) == world.index[row["id"]]
    if row["status"] == Status.FAILED or gone:
        assert (row["indexed_generation"], row["indexed_hash"]) == (None, None)


def check_contents(world: World) -> None:
    """A generation is of one content."""
    for work in world.works:
        if work.content is not None:
            key = (work.job.key, work.content.generation)
            assert world.written.setdefault(key, work.bytes_read) == work.bytes_read
