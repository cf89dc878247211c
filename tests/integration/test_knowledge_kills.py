"""A process that is killed just after it promised to index a file."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from support.knowledge import Api

from bot.playground.server import Playground

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 30
WORDS = b"A replica that reports ENOSPC is read only." + b"\n" * 1_100_000
"""More than one piece, and soon read."""


async def fm(slack: Playground, folder: Path, *words: str) -> Process:
    environment = {
        "PATH": "",
        "PYTHONPATH": str(REPOSITORY),
        "FM_PORT": "0",
        "FM_DATA_DIR": str(folder / "data"),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
    }
    command = [sys.executable, "-m", "bot", *words]
    with (folder / "log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdout=PIPE if words else DEVNULL, stderr=log
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
        rights = ("--right", "write", "--right", "read")
        made = await fm(slack, tmp_path, "api-key", "create", "ci", "--space", "s", *rights)
        key = (await made.communicate())[0].decode().strip()
        assert re.fullmatch(r"fmk_[0-9a-f]{8}_[\w-]{43}", key)
        first = await fm(slack, tmp_path)
        try:
            async with aiohttp.ClientSession(await address(tmp_path)) as session:
                answers = [
                    await Api(session, key).upload("s", name, WORDS, wait=False, again=name)
                    for name in ("one.txt", "two.txt")
                ]
            assert [answer.status for answer in answers] == [202, 202]
        finally:
            first.kill()
            await first.wait()
        second = await fm(slack, tmp_path)
        try:
            async with aiohttp.ClientSession(await address(tmp_path)) as session:
                api = Api(session, key)
                for answer in answers:
                    assert urlsplit(answer.headers["Location"]).path.endswith(answer.json["id"])
                    done = await api.until_indexed(answer.json["id"])
                    assert (done.json["status"], done.json["size"]) == ("indexed", len(WORDS))
                again = await api.upload("s", "one.txt", WORDS, wait=False, again="one.txt")
                assert again.json == answers[0].json
        finally:
            second.terminate()  # the rest is indexed in peace
            await second.wait()
        assert second.returncode == 0
