"""How fast the database and the runner are: `python benchmarks/jobs.py [FOLDER]`.

Prints transactions a second, documents a second at 1, 4, 8 and 16 in flight (jobs of 20 ms; bare ones,
and ones that write what a real one writes), how long another workspace waits behind 400 documents, and
how long a restart takes to go on with what a killed process left.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.database import Database
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Stage, WorkspaceId
from bot.ingest.queue import DocumentQueue
from bot.jobs.asyncio_runner import AsyncioRunner

JOB_S = 0.02
TRANSACTIONS = 2_000
DOCUMENTS = 400


class Changes:
    """Nobody looks at replies here."""

    def document_changed(self, document_id: DocumentId) -> None:
        del document_id


async def opened(folder: Path) -> Database:
    return await Database.open(f"sqlite+aiosqlite:///{folder / 'state.db'}", lock_dir=folder)


async def accept(database: Database, number: int, workspace: str = "T1") -> list[DocumentId]:
    ids = []
    async with database.transaction() as tx:
        for place in range(number):
            message, file_id = Message(ChannelId("C1"), "1.0"), FileId(f"{workspace}-{place}")
            accepted = await tx.documents.accept(WorkspaceId(workspace), file_id, message, now=time.time())
            ids.append(accepted.document_id)
    return ids


STAGES = (Stage.DOWNLOAD, Stage.EXTRACT, Stage.INDEX)


def task(
    database: Database, done: Callable[[Job], None], stages: Sequence[Stage]
) -> Callable[[Job], Awaitable[None]]:
    """20 ms of waiting and the end; with stages also what the pipeline reads and writes on its way."""

    async def perform(job: Job) -> None:
        if stages:
            async with database.transaction() as tx:
                await tx.documents.get(DocumentId(job.key))
        for stage in stages:
            async with database.transaction() as tx:
                await tx.documents.progress(job, stage, 0, 1, now=time.time())
        await asyncio.sleep(JOB_S)
        async with database.transaction() as tx:
            await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=time.time())
        done(job)

    return perform


def runner(
    database: Database, concurrency: int, done: Callable[[Job], None], stages: Sequence[Stage] = STAGES
) -> AsyncioRunner:
    queue = DocumentQueue(database.transaction, Changes())
    return AsyncioRunner(queue, task(database, done, stages), concurrency=concurrency)


async def transactions(folder: Path) -> None:
    database = await opened(folder)
    latencies = []
    for number in range(TRANSACTIONS):
        started = time.perf_counter()
        async with database.transaction() as tx:
            await tx.inbox.add(f"Ev{number}", WorkspaceId("T1"), "message", {"n": number}, now=1.0)
        latencies.append((time.perf_counter() - started) * 1000)
    await database.close()
    rate = 1000 / statistics.mean(latencies)
    p50, p99 = statistics.median(latencies), statistics.quantiles(latencies, n=100)[98]
    print(f"transactions       {rate:7.0f} a second, p50 {p50:.2f} ms, p99 {p99:.2f} ms")


async def throughput(folder: Path, concurrency: int, stages: Sequence[Stage]) -> float:
    database = await opened(folder)
    await accept(database, DOCUMENTS)
    finished = asyncio.Event()
    count = 0

    def done(_job: Job) -> None:
        nonlocal count
        count += 1
        if count == DOCUMENTS:
            finished.set()

    work = runner(database, concurrency, done, stages)
    started = time.perf_counter()
    run = asyncio.create_task(work.run())
    await finished.wait()
    elapsed_s = time.perf_counter() - started
    work.stop()
    await run
    await database.close()
    return DOCUMENTS / elapsed_s


async def fairness(folder: Path, concurrency: int) -> None:
    database = await opened(folder)
    await accept(database, DOCUMENTS)
    busy, other = asyncio.Event(), asyncio.Event()
    count = 0

    def done(job: Job) -> None:
        nonlocal count
        count += 1
        if count == 20:
            busy.set()
        if job.group == "T2":
            other.set()

    work = runner(database, concurrency, done)
    run = asyncio.create_task(work.run())
    await busy.wait()
    await accept(database, 1, "T2")
    arrived_at = time.perf_counter()
    work.wake()
    await other.wait()
    wait_s = time.perf_counter() - arrived_at
    work.stop()
    await run
    async with database.transaction() as tx:
        job_s = statistics.median(
            document.changed_at - (document.started_at or 0) for document in await tx.documents.latest_all(20)
        )
    await database.close()
    print(
        f"{concurrency:2} in flight       another workspace's document done after {wait_s * 1000:.0f} ms, "
        f"a job takes {job_s * 1000:.0f} ms"
    )


async def killed(folder: Path, announce: int) -> None:
    database = await opened(folder)
    await accept(database, DOCUMENTS)

    def done(_job: Job) -> None:
        os.write(announce, b".")

    await runner(database, 4, done).run()


async def restarted(folder: Path) -> None:
    started = time.perf_counter()
    database = await opened(folder)
    opened_s = time.perf_counter() - started
    first = asyncio.Event()
    work = runner(database, 4, lambda job: first.set() if job.attempt == 2 else None)
    run = asyncio.create_task(work.run())
    await first.wait()
    elapsed_s = time.perf_counter() - started
    work.stop()
    await run
    await database.close()
    print(
        f"after a kill -9    open again after {opened_s * 1000:.0f} ms, "
        f"an interrupted document done after {elapsed_s * 1000:.0f} ms"
    )


def recovery(folder: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        asyncio.run(killed(folder, writing))
    for _ in range(20):
        os.read(reading, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    asyncio.run(restarted(folder))


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        base = Path(name)
        asyncio.run(transactions(base / "transactions"))
        for concurrency in (1, 4, 8, 16):
            bare = asyncio.run(throughput(base / f"bare{concurrency}", concurrency, ()))
            real = asyncio.run(throughput(base / f"real{concurrency}", concurrency, STAGES))
            print(
                f"{concurrency:2} in flight       {bare:7.0f} bare documents a second, {real:.0f} with stages"
            )
        for concurrency in (1, 4):
            asyncio.run(fairness(base / f"fairness{concurrency}", concurrency))
        recovery(base / "recovery")


if __name__ == "__main__":
    main()
