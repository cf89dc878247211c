"""Steady files, searches and questions for some minutes: the bot's memory and its event loop's lag.

The unmodified bot runs in a process of its own, with an index that neither grows nor shrinks: for each file
that comes another one is deleted. Everything it talks to is in this process, whose memory doesn't count.
Once a second the system is asked for its resident memory, and its metrics for the worst lag of the event loop
since the last look. `soak.csv` has these rows, `soak.svg` the curves.

python benchmarks/soak.py [--minutes 30] [--folder .] [--database-url postgresql+psycopg://…]
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import re
import signal
import socket
import statistics
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.pdf import make_pdf
from support.slack import ask

from bot.playground.server import Playground

FILE_EVERY_S, SEARCH_EVERY_S, QUESTION_EVERY_S, LOOK_EVERY_S = 2.0, 1.0, 2.0, 1.0
FILES_KEPT = 40
PATIENCE_S = 30.0
WARM_UP = 0.1
"""The part of the time after which memory should grow no more."""
LAG = re.compile(r"^\w*event_loop_lag_seconds (\S+)", re.MULTILINE)
WIDTH, HEIGHT, MARGIN = 900, 150, 34


@dataclass(frozen=True, slots=True)
class Row:
    """One look. What was done counts from the start."""

    seconds: float
    memory_mib: float
    children_mib: float
    loop_lag_ms: float
    files: int
    searches: int
    answers: int
    search_ms: float


class Soak:
    """What people do, and what came of it."""

    def __init__(self, slack: Playground) -> None:
        self.slack = slack
        self.alice = slack.add_user("alice")
        self.ops = slack.add_channel("ops", members=[self.alice])
        self.direct = slack.direct_channel(self.alice)
        self.started = time.monotonic()
        self.shared = self.files = self.searches = self.answers = 0
        self.late: list[str] = []
        self.search_ms = 0.0
        self.kept: deque[str] = deque()
        self.rows: list[Row] = []
        self.over = asyncio.Event()

    async def steadily(self, every_s: float, act: Callable[[], Awaitable[None]]) -> None:
        """Until it is `over`, whether or not the last one is done, as people do. Ends when all are."""
        async with asyncio.TaskGroup() as under_way:
            while not self.over.is_set():
                under_way.create_task(self._in_time(act))
                await self._pause(every_s)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()

    async def _in_time(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except TimeoutError:
            self.late.append(f"{act.__name__} after {time.monotonic() - self.started:.0f} s")

    async def file(self) -> None:
        """Share a file, wait for its receipt, delete the oldest."""
        number, self.shared = self.shared, self.shared + 1
        text = f"file {number}\nthe failover of replica {number}\n" + "words of a runbook " * 100
        pages = make_pdf([f"page {page} {text}" for page in range(5)])
        file = await self.slack.share(self.alice, self.ops, f"{number}.pdf", pages)
        await self._answered(self.ops, file.ts, "Indexed ")
        self.files += 1
        self.kept.append(file.file_id)
        if len(self.kept) > FILES_KEPT:
            await self.slack.delete_file(self.kept.popleft())

    async def search(self) -> None:
        """Search by command."""
        begun = time.monotonic()
        async with asyncio.timeout(PATIENCE_S):
            await ask(self.slack, self.alice, self.ops, "/fm search failover of a replica")
        self.search_ms = (time.monotonic() - begun) * 1000
        self.searches += 1

    async def question(self) -> None:
        """Ask in a direct message."""
        ts = await self.slack.say(self.alice, self.direct, "what is the failover of a replica?")
        await self._answered(self.direct, ts, "")
        self.answers += 1

    async def _answered(self, channel: str, ts: str, words: str) -> None:
        def is_there() -> bool:
            thread = self.slack.messages(channel, ts)[1:]
            return any(message.text.startswith(words) for message in thread)

        await self.slack.until(is_there, PATIENCE_S)

    async def look(self, process: int, metrics: str) -> None:
        """Take a row each second."""
        async with aiohttp.ClientSession() as session:
            while not self.over.is_set():
                async with session.get(metrics) as response:
                    found = LAG.search(await response.text())
                self.rows.append(
                    Row(
                        seconds=round(time.monotonic() - self.started, 1),
                        memory_mib=memory_mib(process),
                        children_mib=round(sum(map(memory_mib, children(process))), 1),
                        loop_lag_ms=round(float(found[1]) * 1000, 1) if found else 0.0,
                        files=self.files,
                        searches=self.searches,
                        answers=self.answers,
                        search_ms=round(self.search_ms, 1),
                    )
                )
                self.slack.calls.clear()
                self.slack.deliveries.clear()
                await self._pause(LOOK_EVERY_S)


def memory_mib(process: int) -> float:
    """Resident memory; 0 of a process that is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def children(process: int) -> list[int]:
    """Those that read files for it."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def slope_an_hour(rows: Sequence[Row]) -> float:
    """MiB an hour, by least squares."""
    if len(rows) < 2:  # a line needs two points
        return 0.0
    line = statistics.linear_regression([row.seconds for row in rows], [row.memory_mib for row in rows])
    return line.slope * 3600


def picture(rows: Sequence[Row]) -> str:
    """Three curves, one above the other, each with its least and greatest value."""
    height = 3 * (HEIGHT + MARGIN)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-size="13">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for place, (name, title) in enumerate(
        {
            "memory_mib": "resident memory of the bot, MiB",
            "loop_lag_ms": "worst lag of its event loop in each second, ms",
            "search_ms": "a search from command to answer, ms",
        }.items()
    ):
        top, values = place * (HEIGHT + MARGIN) + MARGIN, [float(getattr(row, name)) for row in rows]
        scale = max(*values, 1.0)
        points = " ".join(
            f"{WIDTH * n / max(len(rows) - 1, 1):.1f},{top + HEIGHT - HEIGHT * value / scale:.1f}"
            for n, value in enumerate(values)
        )
        told = f"{title}: {min(values):.0f} to {max(values):.0f} in {rows[-1].seconds / 60:.0f} minutes"
        parts.append(f'<text x="4" y="{top - 8}">{told}</text>')
        parts.append(f'<polyline points="{points}" fill="none" stroke="#1d3557"/>')
    return "\n".join([*parts, "</svg>\n"])


def summary(run: Soak, log: Path) -> str:
    """What one wants to know of it."""
    rows = run.rows
    warm = rows[int(len(rows) * WARM_UP) :]
    lags = sorted(row.loop_lag_ms for row in rows)
    errors = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    mib = [row.memory_mib for row in (rows[0], warm[0], rows[-1])]
    lines = {
        "time": f"{rows[-1].seconds / 60:.1f} minutes",
        "memory": f"{mib[0]:.0f} MiB at the start, {mib[1]:.0f} after a tenth, {mib[2]:.0f} in the end;"
        f" greatest {max(row.memory_mib for row in rows):.0f}",
        "slope": f"{slope_an_hour(warm):+.1f} MiB an hour after the first tenth,"
        f" {slope_an_hour(rows[len(rows) // 2 :]):+.1f} in the second half",
        "children": f"{max(row.children_mib for row in rows):.0f} MiB together at most",
        "loop lag": f"p50 {lags[len(lags) // 2]:.0f} ms, p99 {lags[int(len(lags) * 0.99)]:.0f} ms,"
        f" greatest {lags[-1]:.0f} ms (worst of each second)",
        "done": f"{run.files} of {run.shared} files, {run.searches} searches, {run.answers} answers",
        "late": f"{len(run.late)} took longer than {PATIENCE_S:.0f} s{': ' if run.late else ''}"
        f"{', '.join(run.late[:5])}",
        "errors": f"{len(errors)} lines in the bot's log{': ' if errors else ''}{' / '.join(errors[:3])}",
    }
    return "\n".join(f"{name:9} {said}" for name, said in lines.items())


async def soak(minutes: float, folder: Path, database_url: str | None) -> None:
    with TemporaryDirectory() as data:
        log = Path(data, "log")
        async with Playground.serve() as slack:
            port = free_port()
            given = {
                "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url, "FM_DATA_DIR": data, "FM_PORT": str(port),
                "FM_LOG_LEVEL": "warning", "FM_LOG_FORMAT": "json", "FM_DATABASE_URL": database_url or "",
            }  # fmt: skip
            bot = await asyncio.create_subprocess_shell(
                f'exec "{sys.executable}" -m bot serve 2>"{log}"',
                env=os.environ | {name: value for name, value in given.items() if value},
            )
            await slack.until(lambda: slack.connected, 60)
            run = Soak(slack)
            async with asyncio.TaskGroup() as works:
                works.create_task(run.steadily(FILE_EVERY_S, run.file))
                works.create_task(run.steadily(SEARCH_EVERY_S, run.search))
                works.create_task(run.steadily(QUESTION_EVERY_S, run.question))
                works.create_task(run.look(bot.pid, f"http://127.0.0.1:{port}/metrics"))
                await asyncio.sleep(minutes * 60)
                run.over.set()
            bot.send_signal(signal.SIGTERM)
            await bot.wait()
        with (folder / "soak.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[field.name for field in fields(Row)], *map(astuple, run.rows)])
        (folder / "soak.svg").write_text(picture(run.rows), encoding="utf-8")
        print(summary(run, log))


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--minutes", type=float, default=30.0)
    given.add_argument("--folder", type=Path, default=Path())
    given.add_argument("--database-url")
    chosen = given.parse_args()
    asyncio.run(soak(chosen.minutes, chosen.folder, chosen.database_url))


if __name__ == "__main__":
    main()
