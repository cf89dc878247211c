"""The workspace of the demo: a few people, three channels, documents of our own making."""

from __future__ import annotations

from pathlib import Path

from bot.playground.actions import Actions

SAMPLES = Path(__file__).parent / "samples"
SUGGESTIONS = ("promote the standby", "ENOSPC", "who owns svc-payments-7", "stolen laptop")
"""Searches that find something; the last only for those in the private channel."""

_WELCOME = (
    "Welcome! FaultMaven reads the files that are shared in its channels. Three things to try:\n"
    "• type `/fm search promote the standby`\n"
    "• share a file of your own in <#{ops}> (PDF, text, Markdown, CSV) and search for something in it\n"
    "• act as Bob, then as Chandra, and search for `stolen laptop`: it is in a private channel"
)


async def demo_workspace(slack: Actions) -> None:
    """Fill a new workspace. The bot, once connected, is told of the files shared here."""
    alice = slack.add_user("alice", real_name="Alice Okafor")
    bob = slack.add_user("bob", real_name="Bob Lindqvist")
    chandra = slack.add_user("chandra", real_name="Chandra Rao")
    guest = slack.add_user("gwen", real_name="Gwen (guest)", guest=True)
    general = slack.add_channel("general", [alice, bob, chandra], topic="Everyone, everything")
    ops = slack.add_channel("ops", [alice, bob, chandra, guest], topic="Runbooks, outages, on call")
    room = slack.add_channel("incident-room", [chandra, alice], is_private=True, topic="Need to know")
    await slack.say(alice, general, _WELCOME.format(ops=ops))
    await _share(slack, alice, ops, "database-failover-runbook.md", "The runbook, updated after the drill")
    await _share(slack, bob, ops, "postmortem-checkout-outage.txt", "Postmortem of last week's outage")
    await _share(slack, bob, general, "service-owners.csv", "Who owns what, as of today")
    await _share(slack, chandra, room, "incident-notes-suspicious-logins.md", "Notes so far; keep them here")


async def _share(slack: Actions, user: str, channel: str, name: str, text: str) -> None:
    await slack.share(user, channel, name, (SAMPLES / name).read_bytes(), text=text)
