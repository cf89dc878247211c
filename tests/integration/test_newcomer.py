"""README's "In your Slack: five minutes", step by step, with this workspace instead of Slack's."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import yaml
from support.slack import ask, shown, verdict

from bot.playground.app_config import problems_of
from bot.playground.server import Playground

REPOSITORY = Path(__file__).parents[2]
SECTION = (REPOSITORY / "README.md").read_text("utf-8").partition("## In your Slack")[2].partition("\n## ")[0]
STEPS = re.findall(r"^(\d)\. (.*?)(?=^\d\. |\n\n[^ ])", SECTION, flags=re.DOTALL | re.MULTILINE)
MANIFEST, INSTALL, APP_TOKEN, START, ASK = (words for _, words in STEPS)
DEADLINE_S = 60


async def sh(script: str, cwd: Path, **variables: str) -> asyncio.subprocess.Process:
    """Run what a step says, where `.venv/bin/fm` is this program."""
    program = cwd / ".venv/bin/fm"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "FM_PORT": "0"} | variables
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-ec", script, cwd=cwd, env=environment, stdout=PIPE, stderr=PIPE, start_new_session=True
    )


async def test_the_five_steps_lead_a_newcomer_to_a_found_passage(tmp_path: Path) -> None:
    [printing] = re.findall(r"`(\.venv/bin/fm manifest)`", MANIFEST)
    out, _ = await (await sh(printing, tmp_path)).communicate()
    pasted = tmp_path / "pasted.yml"
    pasted.write_bytes(out)
    assert problems_of(yaml.safe_load(out)) == []

    async with Playground.serve(manifest=pasted) as slack:
        assert "Bot User OAuth Token" in INSTALL
        assert slack.bot_token.startswith(re.findall(r"`(xox\w-)…`", INSTALL)[0])
        assert slack.app_token.startswith(re.findall(r"`(xapp-)…`", APP_TOKEN)[0])
        [start] = re.findall(r"```sh\n(.*?)```", START, flags=re.DOTALL)
        typed = start.replace("xoxb-…", slack.bot_token).replace("xapp-…", slack.app_token)
        assert "…" not in typed
        bot = await sh(typed, tmp_path, SLACK_API_URL=slack.api_url)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await slack.until(lambda: slack.connected or bot.returncode is not None, DEADLINE_S)
                alice = slack.add_user("alice")
                runbooks = slack.add_channel("runbooks", members=[alice], with_bot=False)
                assert f"/invite @{slack.manifest.bot_name}" in ASK
                await slack.join(slack.bot_user, runbooks, inviter=alice)
                data = b"Promote the standby with pg_promote.\n"
                shared = await slack.share(alice, runbooks, "failover.md", data)
                assert (await verdict(slack, shared.ts)).text.startswith('Indexed "failover.md"')
                assert "`/fm search`" in ASK
                found = shown(await ask(slack, alice, runbooks, "/fm search promote the standby"))
                assert "pg_promote" in found
        finally:
            os.killpg(bot.pid, signal.SIGTERM)
            out, err = await bot.communicate()
        assert b'"event": "ready"' in err
        assert b"warning" not in err
        assert not [token for token in (slack.bot_token, slack.app_token) if token.encode() in out + err]
