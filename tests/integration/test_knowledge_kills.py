"""A process that is killed just after it promised to index a file."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from support.bot import bot_in
from support.knowledge import Api, clients, make_key_in

from bot.app.providers import DATABASE_NAME
from bot.database import Database
from bot.playground.server import Playground

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 60
WORDS = b"A replica that reports ENOSPC is read only." + b"\n" * 1_100_000
"""More than one piece, and soon read."""


async def serve(slack: Playground, folder: Path) -> Process:
    environment = {
        "PATH": "",
        "PYTHONPATH": str(REPOSITORY),
        "FM_PORT": "0",
        "FM_DATA_DIR": str(folder),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
    }
    with (folder / "log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot"), cwd=folder, env=environment, stdout=DEVNULL, stderr=log
        )


async def address(folder: Path) -> str:
    """Where it listens, once it is ready."""
    while True:
        for line in (folder / "log").read_bytes().splitlines():
            if b'"event": "ready"' in line:
                return str(json.loads(line)["url"])
        await asyncio.sleep(0.02)


async def test_what_was_answered_202_is_indexed_although_the_process_is_killed_at_once(
    tmp_path: Path,
) -> None:
    async with asyncio.timeout(DEADLINE_S), Playground.serve() as slack:
        database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / DATABASE_NAME}", lock_dir=tmp_path)
        key = await make_key_in(database, "s")
        await database.close()
        killed = await serve(slack, tmp_path)
        try:
            async with aiohttp.ClientSession(await address(tmp_path)) as session:
                answers = [
                    await Api(session, key).upload("s", name, WORDS, wait=False, again=name)
                    for name in ("one.txt", "two.txt")
                ]
            assert [answer.status for answer in answers] == [202, 202]
        finally:
            killed.kill()
            await killed.wait()
        async with bot_in(slack, tmp_path) as bot, clients(bot, key) as [api]:
            for answer in answers:
                assert urlsplit(answer.headers["Location"]).path.endswith(answer.json["id"])
                done = await api.until_indexed(answer.json["id"])
                assert (done.json["status"], done.json["size"]) == ("indexed", len(WORDS))
            again = await api.upload("s", "one.txt", WORDS, wait=False, again="one.txt")
            assert again.json == answers[0].json
            assert sorted(await api.titles()) == ["one.txt", "two.txt"]
