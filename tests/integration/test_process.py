from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.playground.server import Playground

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 30
"""Starting takes about a second; this only bounds a failing test."""


@asynccontextmanager
async def fm(*words: str, cwd: Path, **settings: str) -> AsyncIterator[Process]:
    """`python -m bot …` in a process of its own, killed if it still runs at the end."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "FM_PORT": "0"} | settings
    command = [sys.executable, "-m", "bot", *words]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=environment, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(stream: asyncio.StreamReader | None) -> str:
    assert stream
    return (await stream.readline()).decode()


@pytest.mark.parametrize("words", [(), ("demo", "--no-open")])
async def test_without_tokens_the_demo_runs_until_it_is_told_to_stop(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    async with fm(*words, cwd=tmp_path) as demo:
        page = re.search(r"http://127\.0\.0\.1:\d+/", await line(demo.stdout))
        assert page
        async with aiohttp.ClientSession() as session, session.get(page[0]) as response:
            assert response.status == 200
            assert "FaultMaven" in await response.text()
        demo.send_signal(signal.SIGTERM)
        assert await demo.wait() == 0
        assert await demo.communicate() == (b"", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_with_tokens_it_serves_slack_and_stops_when_told(tmp_path: Path, told: signal.Signals) -> None:
    async with Playground.serve() as slack:
        tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
        async with fm(cwd=tmp_path, SLACK_API_URL=slack.api_url, **tokens) as bot:
            await slack.until(lambda: slack.connected)
            bot.send_signal(told)
            out, err = await bot.communicate()
            assert bot.returncode == 0, err
            assert out == b""
            assert b'"event": "ready"' in err
            assert not [token for token in tokens.values() if token.encode() in err]
    assert (tmp_path / ".fm" / "faultmaven.db").exists()


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_token_that_slack_rejects_ends_it_with_one_line(tmp_path: Path, variable: str) -> None:
    async with Playground.serve() as slack:
        tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
        tokens[variable] = tokens[variable][:5] + "rejected-1"
        async with fm("serve", cwd=tmp_path, SLACK_API_URL=slack.api_url, **tokens) as bot:
            out, err = await bot.communicate()
            assert (bot.returncode, out) == (2, b"")
            assert err.decode().splitlines()[-1].startswith(f"fm: {variable}: Slack rejects it")
            assert b"rejected-1" not in err
            assert b"Traceback" not in err


async def test_a_reader_who_leaves_early_gets_no_complaint(tmp_path: Path) -> None:
    async with fm("manifest", cwd=tmp_path) as printing:
        assert printing.stdout
        printing.stdout._transport.close()  # type: ignore[attr-defined]  # as `fm manifest | head -0` does
        assert printing.stderr
        assert await printing.stderr.read() == b""


async def test_a_port_in_use_ends_the_demo_with_one_line(tmp_path: Path) -> None:
    async with Playground.serve() as other:
        port = other.page_url.rsplit(":", 1)[1].rstrip("/")
        async with fm("demo", "--port", port, cwd=tmp_path) as demo:
            out, err = await demo.communicate()
            assert (demo.returncode, out) == (2, b"")
            assert re.fullmatch(rf"fm: --port: {port} can't be listened on .*\n", err.decode())
