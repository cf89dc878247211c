"""Killed at any moment, the database keeps every acknowledged commit, and each as a whole.

This file is also the program that is killed: `python <this file> FOLDER ROUNDS SEED`. It forks, so that
a round costs no start of Python, and prints what the killed children had acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from bot.database import Database
from bot.domain import ChannelId, FileId, Message, Stage, Status, WorkspaceId

ROUNDS = 20
T1 = WorkspaceId("T1")
SEED = 20240611


async def opened(folder: Path) -> Database:
    return await Database.open(f"sqlite+aiosqlite:///{folder / 'state.db'}", lock_dir=folder)


async def work(folder: Path, round_: int, acks: int) -> None:
    """Accept and index documents for ever; each ack is written after its commit."""
    database = await opened(folder)
    async with database.transaction() as tx:
        await tx.documents.recover(now=1.0, max_attempts=1_000)
    number = 0
    while True:
        number += 1
        name = f"F{round_}-{number}"
        async with database.transaction() as tx:
            await tx.inbox.add(name, T1, "message", {"file": name}, now=1.0)
            await tx.documents.accept(T1, FileId(name), Message(ChannelId("C1"), "1.0"), now=1.0)
        os.write(acks, f"accepted {name}\n".encode())
        async with database.transaction() as tx:
            job = await tx.documents.claim(now=2.0)
            assert job is not None
        async with database.transaction() as tx:
            assert await tx.documents.content(job, job.key, now=3.0)
        async with database.transaction() as tx:
            assert await tx.documents.progress(job, Stage.INDEX, 1, 1, now=3.0)
        async with database.transaction() as tx:
            assert await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=4.0)
        os.write(acks, f"finished {job.key}\n".encode())


def killed_round(folder: Path, round_: int, rng: random.Random) -> list[str]:
    """Run one child until it has acknowledged a few commits and a moment longer; what it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(work(folder, round_, writing))
    os.close(writing)
    enough, received = rng.randint(0, 12), b""
    while received.count(b"\n") < enough:
        received += os.read(reading, 4096)
    # The moment decides where within a transaction the kill falls; it is part of the load, not a wait.
    signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.0001, 0.02))
    signal.sigwait([signal.SIGALRM])
    os.kill(child, signal.SIGKILL)
    while more := os.read(reading, 4096):
        received += more
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "the child died by itself"
    return received.decode().splitlines()


def storm(folder: Path, rounds: int, seed: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    rng = random.Random(seed)  # noqa: S311  # a reproducible storm
    acks = [line for round_ in range(rounds) for line in killed_round(folder, round_, rng)]
    json.dump(acks, sys.stdout)


async def test_no_kill_loses_an_acknowledged_commit(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, __file__, str(tmp_path), str(ROUNDS), str(SEED)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    acks = [ack.split() for ack in json.loads(done.stdout)]
    accepted = {name for what, name in acks if what == "accepted"}
    finished = [name for what, name in acks if what == "finished"]
    assert len(accepted) > ROUNDS

    database = await opened(tmp_path)
    async with database.transaction() as tx:
        documents = await tx.documents.latest_all(100_000)
        events = await tx.inbox.due(now=1e9, limit=100_000)
        assert await tx.documents.recover(now=1e9, max_attempts=1_000) <= 1
    await database.close()
    files = [document.file_id for document in documents]
    assert len(set(files)) == len(files)
    assert accepted <= set(files)
    assert {event.event_id for event in events} == set(files)  # each commit as a whole
    rows = {document.id: document for document in documents}
    assert {rows[name].status for name in finished} <= {Status.INDEXED}
    assert {rows[name].indexed_hash == name for name in finished} <= {True}
    assert len(set(finished)) == len(finished)
    with sqlite3.connect(tmp_path / "state.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


if __name__ == "__main__":
    storm(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
