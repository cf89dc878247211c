"""What people make in Slack itself, through the unmodified app: recordings, canvases, posts, snippets."""

from __future__ import annotations

from pathlib import Path

from support.bot import bot_in
from support.slack import ask, shown, verdict

from bot.playground.server import Playground

VTT = b"WEBVTT\n\n05:02.000 --> 05:06.000\n<v Alice>we promoted the standby in Zurich\n"


async def test_a_recording_is_found_by_what_is_said_in_it_and_when(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        heard = await slack.share_recording(alice, ops, "standup.m4a", transcript=VTT)
        silent = await slack.share_recording(alice, ops, "clip.mp4", transcript=None)
        reply, refusal = await verdict(slack, heard.ts), await verdict(slack, silent.ts)
        found = shown(await ask(slack, alice, ops, "/fm search promoted the standby"))
    assert reply.text == 'Indexed "standup.m4a": 1 page, 1 passage'
    assert refusal.text.startswith('Could not index "clip.mp4": it is a recording')
    assert "standup.m4a" in found
    assert "5:02" in found


async def test_canvases_posts_snippets_and_mails_are_read(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    kinds = (
        (
            "Runbook.pdf",
            b"<html><body><h1>Failover</h1><p>Call zurich-canvas first.</p></body></html>",
            "quip",
        ),
        ("Retrospective", b'{"root": {"children": [{"text": "We called zurich-post late."}]}}', "post"),
        ("Untitled", b"def page(): return 'zurich-snippet'\n", "snippet"),
    )
    async with bot_in(slack, tmp_path):
        shares = [await slack.share(alice, ops, name, data, mode=mode) for name, data, mode in kinds]
        shares.append(await slack.share_email(alice, ops, "Alert.pdf", "<p>Disk full on zurich-mail.</p>"))
        replies = [(await verdict(slack, shared.ts)).text for shared in shares]
        found = [
            shown(await ask(slack, alice, ops, f"/fm search zurich-{kind}"))
            for kind in ("canvas", "post", "snippet", "mail")
        ]
    assert [reply.split(":")[0] for reply in replies] == [
        'Indexed "Runbook.pdf"',
        'Indexed "Retrospective"',
        'Indexed "Untitled"',
        'Indexed "Alert.pdf"',
    ]
    titles = ("Runbook.pdf", "Retrospective", "Untitled", "Alert.pdf")
    assert all(title in text for title, text in zip(titles, found, strict=True))


async def test_a_sign_in_page_is_not_taken_for_a_canvas(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("download", how="login_page")
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "Plan", b"<p>Plan</p>", mode="quip")
        reply = await verdict(slack, shared.ts)
    assert "files:read" in reply.text
