"""The workspace of the demo: a few people, three channels, documents of our own making."""

from __future__ import annotations

from pathlib import Path

from bot.playground.actions import Actions
from bot.playground.demo_pdf import pdf_of
from bot.playground.model import Json

SAMPLES = Path(__file__).parent / "samples"
SEARCHES = ("how long are backups kept", "ENOSPC", "stolen laptop")
"""Searches that find something; the last only for those in the private channel."""
QUESTION = "When do I page the second person on call?"

_WELCOME = (
    "Welcome! FaultMaven has read the files that were shared here. Try it:\n"
    "• search: choose one of the searches below, or type `/fm search promote the standby`\n"
    "• ask: write `@faultmaven` and a question, and the answer comes in a thread\n"
    "• drop a file of your own here, and search for something in it\n"
    "• act as Bob, then as Chandra, and search for `stolen laptop`: it is in a private channel"
)


async def demo_workspace(slack: Actions) -> list[Json]:
    """Fill a new workspace; what to suggest: `search` or `ask`, and `channel`, where to.

    The bot, once connected, is told of the files shared here.
    """
    alice = slack.add_user("alice", real_name="Alice Okafor", admin=True)
    bob = slack.add_user("bob", real_name="Bob Lindqvist")
    chandra = slack.add_user("chandra", real_name="Chandra Rao")
    guest = slack.add_user("gwen", real_name="Gwen (guest)", guest=True)
    general = slack.add_channel("general", [alice, bob, chandra], topic="Everyone, everything")
    ops = slack.add_channel("ops", [alice, bob, chandra, guest], topic="Runbooks, outages, on call")
    room = slack.add_channel("incident-room", [chandra, alice], is_private=True, topic="Need to know")
    await _share(slack, bob, general, "service-owners.csv", "Who owns what, as of today")
    handbook = pdf_of((SAMPLES / "on-call-handbook.txt").read_text(encoding="utf-8"))
    await slack.share(
        chandra, general, "on-call-handbook.pdf", handbook, text="For whoever carries the pager next"
    )
    await slack.say(alice, general, _WELCOME)
    await _share(slack, alice, ops, "database-failover-runbook.md", "The runbook, updated after the drill")
    await _share(slack, bob, ops, "postmortem-checkout-outage.txt", "Postmortem of last week's outage")
    await _share(slack, chandra, room, "incident-notes-suspicious-logins.md", "Notes so far; keep them here")
    searches = [{"search": words} for words in SEARCHES]
    return [*searches, {"ask": QUESTION, "channel": general}]


async def _share(slack: Actions, user: str, channel: str, name: str, text: str) -> None:
    await slack.share(user, channel, name, (SAMPLES / name).read_bytes(), text=text)
