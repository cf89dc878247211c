"""Documents a second with 1, 2 and 4 replicas on one Postgres; each takes 200 ms and its usual five writes.

Beside it, in the same run, Procrastinate with as many workers, and jobs of 200 ms that write nothing.

python benchmarks/replicas.py [SECONDS A RUN]
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import procrastinate
from sqlalchemy import make_url

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.postgres import Server

from bot.app.core import DOCUMENTS_IN_FLIGHT
from bot.app.notices import Topic
from bot.app.replicas import open_replicas
from bot.database import Database
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Stage, WorkspaceId
from bot.ingest.queue import DocumentQueue
from bot.jobs.asyncio_runner import AsyncioRunner

JOB_S = 0.2
OURS_LEFT = "SELECT count(*) FROM document WHERE status <> 'indexed'"
THEIRS_LEFT = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"


class Silent:
    def document_changed(self, document_id: DocumentId) -> None:
        pass


async def replica(url: str) -> None:
    database = await Database.open(url, lock_dir=None)

    async def perform(job: Job) -> None:
        for stage in (Stage.DOWNLOAD, Stage.EXTRACT, Stage.EMBED, Stage.INDEX):
            async with database.transaction() as tx:
                await tx.documents.progress(job, stage, 0, 1, now=time.time())
        await asyncio.sleep(JOB_S)
        async with database.transaction() as tx:
            await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=time.time())

    async with open_replicas(database, url) as replicas:
        queue = DocumentQueue(database.transaction, Silent(), holder=replicas.me.holder)
        runner = AsyncioRunner(queue, perform, concurrency=DOCUMENTS_IN_FLIGHT)
        replicas.notices.on(Topic.WORK, runner.wake)
        await until(replicas.notices.hears)
        print("ready", flush=True)
        await runner.run()


def their_app(url: str) -> procrastinate.App:
    address = url.replace("postgresql+psycopg:", "postgresql:", 1)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))

    @app.task(name="job")
    async def _job() -> None:
        await asyncio.sleep(JOB_S)

    return app


async def worker(url: str) -> None:
    app = their_app(url)
    async with app.open_async():
        print("ready", flush=True)
        await app.run_worker_async(concurrency=DOCUMENTS_IN_FLIGHT, install_signal_handlers=False)


async def accept(url: str, number: int) -> None:
    database = await Database.open(url, lock_dir=None)
    async with database.transaction() as tx:
        for place in range(number):
            message = Message(ChannelId("C1"), "1.0")
            await tx.documents.accept(WorkspaceId("T1"), FileId(f"F{place}"), message, now=float(place))
        await tx.replicas.tell([f'["benchmark", "{Topic.WORK}"]'])
    await database.close()


async def defer(url: str, number: int) -> None:
    app = their_app(url)
    async with app.open_async():
        await app.tasks["job"].batch_defer_async(*({} for _ in range(number)))


async def rate(server: Server, kind: str, number: int, seconds: float) -> float:
    """Jobs a second of so many processes of a kind."""
    url = server.url(server.create())
    if kind == "replica":
        await (await Database.open(url, lock_dir=None)).close()
    else:
        async with their_app(url).open_async() as app:
            await app.schema_manager.apply_schema_async()
    processes = []
    for _ in range(number):
        command = (sys.executable, __file__, kind, url)
        processes.append(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))
    for process in processes:
        assert process.stdout
        await process.stdout.readline()
    jobs = int(seconds / JOB_S * DOCUMENTS_IN_FLIGHT * number)
    await (accept if kind == "replica" else defer)(url, jobs)
    started = time.perf_counter()
    left = OURS_LEFT if kind == "replica" else THEIRS_LEFT
    await until(lambda: server.execute(left, str(make_url(url).database)) == [(0,)])
    elapsed_s = time.perf_counter() - started
    for process in processes:
        process.kill()
        await process.wait()
    return jobs / elapsed_s


async def until(holds: Callable[[], bool]) -> None:
    while True:
        if await asyncio.to_thread(holds):
            return
        await asyncio.sleep(0.1)


async def compare(server: Server, seconds: float) -> None:
    for kind in ("replica", "worker"):
        alone = 0.0
        for number in (1, 2, 4):
            found = await rate(server, kind, number, seconds)
            alone = alone or found
            print(f"{number} {kind}s  {found:6.1f} a second, {found / alone:.2f} times one", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["replica"]:
        asyncio.run(replica(sys.argv[2]))
    elif sys.argv[1:2] == ["worker"]:
        asyncio.run(worker(sys.argv[2]))
    else:
        server = Server("")
        try:
            asyncio.run(compare(server, float((sys.argv[1:] or ["8"])[0])))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
