"""The app's own page shows what it knows for whoever looks, and for nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.bot import bot_in
from support.slack import ask, texts, verdict

from bot.playground.server import Playground

NOTES = b"the standby is promoted with pg_promote\n"


async def page_of(slack: Playground, user: str) -> str:
    """What a person reads on the page once they opened it."""
    views: dict[str, Any] = slack.workspace.home_views
    views.pop(user, None)
    await slack.open_home(user)
    await slack.until(lambda: user in views)
    return "\n".join(texts(views[user]["blocks"]))


async def test_the_page_tells_what_is_indexed_what_was_asked_and_how_to_ask(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await ask(slack, alice, ops, "/fm search standby promoted")
        page = await page_of(slack, alice)
    assert "1 indexed" in page
    assert "notes.txt" in page
    assert "standby promoted" in page
    assert "/fm search" in page


async def test_the_page_of_somebody_who_is_not_in_the_channel_shows_none_of_it(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice], is_private=True)
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await ask(slack, alice, ops, "/fm search standby promoted")
        page = await page_of(slack, bob)
    assert "0 indexed" in page
    assert "notes.txt" not in page
    assert "standby promoted" not in page


async def test_the_messages_tab_is_slacks_own(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    async with bot_in(slack, tmp_path):
        await slack.open_home(alice, tab="messages")
        await page_of(slack, alice)
    assert len([call for call in slack.calls if call.method == "views.publish"]) == 1
