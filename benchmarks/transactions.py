"""How many transactions a second PostgreSQL takes (`PYTHONPATH=.:tests python benchmarks/transactions.py`).

From 1 and 4 processes at once, each with 4 tasks, on a server of its own that writes to the disk
(fsync): accepting a file (five statements), noting one thing, reading with and without a turn.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable

from support.postgres import Server

from bot.database import Database
from bot.domain import ChannelId, FileId, Message, WorkspaceId

TASKS = 4
SECONDS = 4.0
T1 = WorkspaceId("T1")

Work = Callable[[Database, str], Awaitable[None]]


async def accepts(database: Database, name: str) -> None:
    async with database.transaction() as tx:
        await tx.documents.accept(T1, FileId(name), Message(ChannelId("C1"), "1.0"), now=1.0)


async def notes(database: Database, name: str) -> None:
    async with database.transaction() as tx:
        await tx.inbox.add(name, T1, "message", {"text": "where is the runbook?"}, now=1.0)


async def reads(database: Database, name: str) -> None:
    async with database.transaction(reading=True) as tx:
        await tx.documents.find(T1, FileId(name))


async def reads_in_turn(database: Database, name: str) -> None:
    async with database.transaction() as tx:
        await tx.documents.find(T1, FileId(name))


WORKS: dict[str, Work] = {
    "accepts": accepts,
    "notes": notes,
    "reads": reads,
    "reads in turn": reads_in_turn,
}


async def measure(url: str, work: Work, process: int) -> int:
    database = await Database.open(url, lock_dir=None)
    until, done = time.monotonic() + SECONDS, 0

    async def repeat(task: int) -> None:
        nonlocal done
        number = 0
        while time.monotonic() < until:
            await work(database, f"{time.monotonic_ns()}-{process}-{task}-{number}")
            number += 1
            done += 1

    async with asyncio.TaskGroup() as tasks:
        for task in range(TASKS):
            tasks.create_task(repeat(task))
    await database.close()
    return done


def process(url: str, name: str, number: int) -> int:
    return asyncio.run(measure(url, WORKS[name], number))


def main() -> None:
    server = Server("shared_buffers = 128MB\nmax_connections = 100\n")
    try:
        for name in WORKS:
            for processes in (1, 4):
                database = server.create()
                with multiprocessing.get_context("spawn").Pool(processes) as pool:
                    pool.starmap(process, [(server.url(database), name, -1)])  # makes the tables
                    jobs = [(server.url(database), name, number) for number in range(processes)]
                    rates = [done / SECONDS for done in pool.starmap(process, jobs, chunksize=1)]
                print(f"{name:14} {processes} processes: {sum(rates):6,.0f} a second", flush=True)
                server.drop(database)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
