"""The main job, measured through the unmodified app on a local Slack workspace.

    python benchmarks/main_job.py

Prints: seconds from sharing a 10-page PDF to finding it; how long Slack waits for the ack of a
command while big PDFs are indexed, and while nothing is; resident memory of the bot's process.
The bot, the workspace and the measuring share one process here, so the ack times are upper bounds.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.bot import bot_in
from support.pdf import make_pdf
from support.slack import ask, verdict

from bot.playground.server import Playground

WORDS = [
    "replica",
    "failover",
    "queue",
    "disk",
    "latency",
    "payments",
    "standby",
    "promote",
    "rollback",
    "incident",
]
ROUNDS = 5
ACKS = 150


def pdf(pages: int, seed: int) -> bytes:
    """A PDF of that many full pages of text."""
    return make_pdf(
        [
            "\n".join(
                " ".join(WORDS[(line * 7 + page + seed + k) % 10] for k in range(12)) for line in range(50)
            )
            + f"\npage marker m{seed}x{page}"
            for page in range(pages)
        ]
    )


def resident_mb() -> float:
    """Resident memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def spread(values: list[float]) -> str:
    """Median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    shown = (("p50", statistics.median(ordered)), ("p99", p99), ("max", ordered[-1]))
    return ", ".join(f"{name} {value * 1e3:.1f} ms" for name, value in shown)


async def acks(slack: Playground, user: str, channel: str, number: int) -> list[float]:
    """How long Slack waited for the ack of each of `number` commands."""
    waits = []
    for _ in range(number):
        started = time.perf_counter()
        await slack.command(user, channel, "/fm help")
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(0.02)
    return waits


async def main() -> None:
    """Run and print."""
    with TemporaryDirectory() as folder:
        async with Playground.serve() as slack:
            alice = slack.add_user("alice")
            ops = slack.add_channel("ops", members=[alice])
            async with bot_in(slack, Path(folder)):
                print(f"resident memory, idle: {resident_mb():.0f} MB")
                searchable, told = [], []
                for seed in range(ROUNDS):
                    data = pdf(10, seed)
                    started = time.perf_counter()
                    shared = await slack.share(alice, ops, f"ten-{seed}.pdf", data)
                    await verdict(slack, shared.ts)
                    told.append(time.perf_counter() - started)
                    answer = await ask(slack, alice, ops, f"/fm search m{seed}x7")
                    assert f"ten-{seed}.pdf" in answer.text, answer.text
                    searchable.append(time.perf_counter() - started)
                print(f"10-page PDF, share to the verdict in the thread: {spread(told)}")
                print(f"10-page PDF, share to found with /fm search:     {spread(searchable)}")
                print(f"ack of a command, idle:                {spread(await acks(slack, alice, ops, ACKS))}")
                big = [await slack.share(alice, ops, f"big-{n}.pdf", pdf(300, 100 + n)) for n in range(4)]
                print(f"ack of a command, four 300-page PDFs:  {spread(await acks(slack, alice, ops, ACKS))}")
                started = time.perf_counter()
                for shared in big:
                    await verdict(slack, shared.ts)
                print(f"… which were done {time.perf_counter() - started:.1f} s after that")
                print(f"resident memory, after 1,250 pages: {resident_mb():.0f} MB")


asyncio.run(main())
