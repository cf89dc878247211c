"""Steady files and searches for some minutes: memory and the event loop's lag, as numbers and as a picture.

The unmodified bot runs in a process of its own, in a local Slack; once a second its resident memory is read
from the system, and the worst lag of its event loop since the last look from its metrics.

python benchmarks/soak.py [MINUTES] [FOLDER FOR soak.csv AND soak.svg]
"""

from __future__ import annotations

import asyncio
import csv
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.pdf import make_pdf
from support.slack import ask

from bot.playground.server import Playground

FILE_EVERY_S, SEARCH_EVERY_S, LOOK_EVERY_S = 2.0, 1.0, 1.0
LAG = re.compile(r"^\w*event_loop_lag_seconds (\S+)", re.MULTILINE)
COLUMNS = ("seconds", "memory MiB", "loop lag ms", "files shared", "search ms")
WIDTH, HEIGHT, MARGIN = 900, 160, 40
Row = list[float]


class Soak:
    """What was done so far; `rows` as COLUMNS."""

    def __init__(self, slack: Playground) -> None:
        self.slack = slack
        self.alice = slack.add_user("alice")
        self.ops = slack.add_channel("ops", members=[self.alice])
        self.started = time.monotonic()
        self.files = 0
        self.search_ms = 0.0
        self.rows: list[Row] = []

    async def share(self) -> None:
        while True:
            text = f"file {self.files}\nthe failover of replica {self.files}\n" + "words of a runbook " * 100
            await self.slack.share(self.alice, self.ops, f"{self.files}.pdf", make_pdf([text] * 5))
            self.files += 1
            await asyncio.sleep(FILE_EVERY_S)

    async def search(self) -> None:
        while True:
            begun = time.monotonic()
            await ask(self.slack, self.alice, self.ops, "/fm search failover of a replica")
            self.search_ms = (time.monotonic() - begun) * 1000
            await asyncio.sleep(SEARCH_EVERY_S)

    async def look(self, process: int, metrics: str) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(metrics) as response:
                    found = LAG.search(await response.text())
                row = [time.monotonic() - self.started, memory_mib(process)]
                row += [float(found[1]) * 1000 if found else 0.0, float(self.files), self.search_ms]
                self.rows.append([round(value, 1) for value in row])
                await asyncio.sleep(LOOK_EVERY_S)


def memory_mib(process: int) -> float:
    """Resident memory of the bot and the children that read files for it."""
    pages = 0
    for known in [process, *children(process)]:
        pages += int(Path(f"/proc/{known}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def picture(rows: Sequence[Row]) -> str:
    """Two curves, one above the other, each with its least and greatest value."""
    height = 2 * (HEIGHT + MARGIN)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-size="13">']
    for place, column in enumerate((1, 2)):
        top, values = place * (HEIGHT + MARGIN) + MARGIN, [row[column] for row in rows]
        scale = max(*values, 1.0)
        points = " ".join(
            f"{WIDTH * n / max(len(rows) - 1, 1):.1f},{top + HEIGHT - HEIGHT * value / scale:.1f}"
            for n, value in enumerate(values)
        )
        title = f"{COLUMNS[column]}: {min(values):.0f} to {max(values):.0f} in {rows[-1][0] / 60:.0f} minutes"
        parts.append(f'<text x="4" y="{top - 8}">{title}</text>')
        parts.append(f'<polyline points="{points}" fill="none" stroke="black"/>')
    return "\n".join([*parts, "</svg>\n"])


async def soak(minutes: float, folder: Path) -> None:
    with socket.socket() as free, TemporaryDirectory() as data:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        async with Playground.serve() as slack:
            given = {
                "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url, "FM_DATA_DIR": data, "FM_PORT": str(port),
                "FM_LOG_LEVEL": "error",
            }  # fmt: skip
            command = (sys.executable, "-m", "bot", "serve")
            bot = await asyncio.create_subprocess_exec(*command, env=os.environ | given)
            await slack.until(lambda: slack.connected, 60)
            run = Soak(slack)
            works = (run.share(), run.search(), run.look(bot.pid, f"http://127.0.0.1:{port}/metrics"))
            tasks = [asyncio.create_task(work) for work in works]
            done, _ = await asyncio.wait(tasks, timeout=minutes * 60, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            bot.send_signal(signal.SIGTERM)
            await bot.wait()
        for task in done:
            task.result()  # none ends by itself
    with (folder / "soak.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *run.rows])
    (folder / "soak.svg").write_text(picture(run.rows), encoding="utf-8")
    half = len(run.rows) // 2
    for column in (1, 2, 4):
        first, second = (sorted(row[column] for row in part) for part in (run.rows[:half], run.rows[half:]))
        medians = f"{first[len(first) // 2]:.0f}, then {second[len(second) // 2]:.0f}"
        print(f"{COLUMNS[column]:12} median {medians}; greatest {max(first[-1], second[-1]):.0f}")
    print(f"{run.files} files in {minutes:.0f} minutes")


if __name__ == "__main__":
    asyncio.run(soak(float((sys.argv[1:] or ["30"])[0]), Path((sys.argv[2:] or ["."])[0])))
