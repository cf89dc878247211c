"""Replicas of the bot as processes of their own, on one Postgres, against one local Slack.

`serve` is what each of them runs: the unmodified app, at the pace of tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.app import running
from bot.app.logs import configure_logging
from bot.playground.server import Playground
from bot.settings import Settings
from support.bot import HURRY, settings_for

REPOSITORY = Path(__file__).parents[2]
REPLICA = "import gc; gc.disable(); from support.fleet import serve; gc.freeze(); gc.enable(); serve()"
"""As `bot.__main__` starts: a third sooner."""
LEASE_S = 3.0
"""Short, so that a test needn't wait long for a dead replica to count as one."""


class Fleet:
    """`replicas` are the running processes. Whatever still runs is killed by `close`."""

    def __init__(self, slack: Playground, url: str, folder: Path, lease_s: float = LEASE_S) -> None:
        self.slack = slack
        self.url = url
        self.folder = folder
        self.lease_s = lease_s
        self.replicas: list[asyncio.subprocess.Process] = []
        self.started = 0

    async def start(self) -> asyncio.subprocess.Process:
        """Start one more; it is up when Slack sees its connection."""
        self.started += 1
        settings = settings_for(self.slack, self.folder / str(self.started), database_url=self.url)
        given = {
            "SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_API_URL": self.slack.api_url,
            "FM_DATA_DIR": str(settings.data_dir), "FM_DATABASE_URL": self.url, "FM_PORT": "0",
            "SLACK_APP_TOKEN": self.slack.app_token, "FM_LOG_LEVEL": "error",
            "FLEET_PACE": json.dumps({"lease_s": self.lease_s}),
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}",
            "PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", REPLICA, env=given)
        self.replicas.append(process)
        return process

    async def end(self, process: asyncio.subprocess.Process, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill one, or tell it to stop, and wait for its end."""
        self.replicas.remove(process)
        if process.returncode is None:
            process.send_signal(how)
        await process.wait()

    async def close(self) -> None:
        for process in list(self.replicas):
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
            await self.end(process)


@asynccontextmanager
async def fleet(
    slack: Playground, url: str, folder: Path, number: int, lease_s: float = LEASE_S
) -> AsyncIterator[Fleet]:
    """So many replicas that Slack reaches, until the block ends."""
    started = Fleet(slack, url, folder, lease_s)
    try:
        for _ in range(number):
            await started.start()
        await slack.until(lambda: slack.socket.connections >= number, 30)
        yield started
    finally:
        await started.close()


def serve() -> None:
    """Run until told to stop."""
    asyncio.run(_serve())


async def _serve() -> None:
    settings = Settings.from_environment()
    configure_logging(settings)
    pace = replace(HURRY, socket_patience_s=10.0, **json.loads(os.environ["FLEET_PACE"]))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with running(settings, pace=pace) as bot:
        waits = [asyncio.create_task(told.wait()), asyncio.create_task(bot.tasks.failed.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
