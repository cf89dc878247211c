"""Slack failing in each of its ways at each of the calls a shared file needs: it is indexed all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.bot import bot_in
from support.slack import ask, shown

from bot.playground.server import Playground

NOTES = b"the standby is promoted with pg_promote\n"
FAULTS: dict[str, dict[str, Any]] = {
    "429": {"error": "ratelimited", "retry_after": 1},
    "500": {"status": 500},
    "cut": {"how": "cut"},
    "slow": {"how": "hang"},
    "html": {"how": "login_page"},
}
CALLS = ("files.info", "download", "chat.postMessage", "chat.update")
HTML_IS_A_VERDICT = "download"
"""An HTML page instead of a file is told to the person; elsewhere it is a gateway's, with a 503."""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_file_gets_its_one_verdict_whatever_slack_does_wrong(
    tmp_path: Path, call: str, fault: str
) -> None:
    if fault == "html" and call != HTML_IS_A_VERDICT:
        how: dict[str, Any] = {"status": 503}
    else:
        how = FAULTS[fault]
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        slack.faults.add(call, **how)
        async with bot_in(slack, tmp_path):
            shared = await slack.share(alice, ops, "notes.txt", NOTES)
            if fault == "slow":
                await slack.until(lambda: call in {c.method for c in slack.calls} or _started(slack, ops))
                slack.faults.clear()
            reply = await slack.wait_for(
                lambda m: m.thread_ts == shared.ts and m.text.startswith(("Indexed ", "Could not")), 20
            )
            if (fault, call) == ("html", HTML_IS_A_VERDICT):
                assert "login page" in reply.text
            else:
                assert reply.text.startswith("Indexed ")
                assert "notes.txt" in shown(await ask(slack, alice, ops, "/fm search pg_promote"))
        replies = [m for m in slack.messages(ops, shared.ts)[1:] if m.user == slack.bot_user]
    assert len(replies) == 1


def _started(slack: Playground, channel: str) -> bool:
    return any("downloading" in m.text for m in slack.workspace.messages[channel].values())
