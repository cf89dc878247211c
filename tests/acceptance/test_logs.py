"""What whoever runs the bot can follow in its log, and what never stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.bot import at_rest, bot_in
from support.logs import logged
from support.slack import ask, verdict

from bot.playground.server import Playground

TEXT = "the standby is promoted by hand"


async def test_everything_that_follows_from_one_event_or_command_is_logged_under_one_id(
    tmp_path: Path,
) -> None:
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        with logged() as lines:
            async with bot_in(slack, tmp_path) as bot:
                await verdict(slack, (await slack.share(alice, ops, "a.txt", TEXT.encode())).ts)
                await at_rest(slack, bot)
                await ask(slack, alice, ops, "/fm search standby")
                asked = await slack.say(alice, ops, f"<@{slack.bot_user}> who promotes the standby?")
                await slack.wait_for(lambda m: m.thread_ts == asked and "[1]" in m.text)
        secrets = (slack.bot_token, slack.app_token, slack.signing_secret)
    written = lines.getvalue()
    records = [json.loads(line) for line in written.splitlines()]

    job = one(records, "job_started")
    followed = [r["event"] for r in records if r.get("correlation_id") == job["correlation_id"]]
    stages = [r["stage"] for r in records if r["event"] == "stage_done"]
    assert stages == ["download", "extract", "embed", "index"]
    told = ("document_accepted", "job_started", "stage_done", "document_indexed", "status_reply_shown")
    assert followed[0] == "event_committed"
    assert set(told) <= set(followed)
    assert followed.count("stage_done") == 4
    [shown] = [r for r in records if r["event"] == "status_reply_shown" and r["status"] == "indexed"]
    assert shown["correlation_id"] == job["correlation_id"]
    assert {r["document"] for r in records if r["event"] == "document_accepted"} == {job["document"]}

    command = one(records, "command_received")["correlation_id"]
    assert command.startswith("command-")
    assert one(records, "private_reply_sent")["correlation_id"] == command

    question = one(records, "question_taken")["correlation_id"]
    assert one(records, "question_closed")["correlation_id"] == question
    assert question in {r["event_id"] for r in records if r["event"] == "event_committed"}

    assert not [secret for secret in (*secrets, TEXT, "promotes") if secret in written]


def one(records: list[dict[str, Any]], event: str) -> dict[str, Any]:
    [found] = [record for record in records if record["event"] == event]
    return found
