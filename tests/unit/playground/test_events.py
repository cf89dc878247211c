from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.playground import events, membership
from bot.playground.model import Event, Message
from bot.playground.server import Playground

PAYLOADS = Path(__file__).parents[4] / "shared" / "slack" / "payloads"
OPTIONAL = {"client_msg_id", "blocks", "app_context", "display_as_bot"}
"""What some of Slack's examples carry and others don't."""


def example(name: str) -> dict[str, Any]:
    if not PAYLOADS.is_dir():
        pytest.skip("needs the collection of Slack payloads beside the checkout")
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def shape(value: object) -> object:
    """Keys and kinds of values, without the values and the optional keys."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key not in OPTIONAL}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


@pytest.fixture
def heard(slack: Playground) -> list[Event]:
    """Every event of the workspace, delivered or not."""
    found: list[Event] = []
    slack.workspace.on_event = found.append
    return found


def last(slack: Playground, heard: list[Event], kind: str) -> dict[str, Any]:
    event = [event for event in heard if event.body["type"] == kind][-1]
    return events.envelope(slack.workspace, event)


async def test_file_events_look_like_slacks(slack: Playground, heard: list[Event]) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "db-failover.pdf", b"x", text="here is the runbook")
    assert shape(last(slack, heard, "file_shared")) == shape(example("event.file_shared"))
    await slack.change_file(shared.file_id, title="New")
    assert shape(last(slack, heard, "file_change")) == shape(example("event.file_change"))
    await slack.unshare(shared.file_id, alice, ops)
    assert shape(last(slack, heard, "file_unshared")) == shape(example("event.file_unshared"))
    await slack.share_again(shared.file_id, alice, ops)
    await slack.delete_file(shared.file_id)
    assert shape(last(slack, heard, "file_deleted")) == shape(example("event.file_deleted"))


def without(body: dict[str, Any], *extra: str) -> dict[str, Any]:
    """An event body without keys that Slack sends and the example leaves out."""
    event = {key: value for key, value in body["event"].items() if key not in extra}
    for file in event.get("files", []):
        file.pop("updated", None)
    return body | {"event": event}


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_file_share_looks_like_slacks(slack: Playground, heard: list[Event], in_thread: bool) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    root = await slack.say(alice, ops, "root") if in_thread else None
    await slack.share(alice, ops, "a.pdf", b"x", thread_ts=root)
    name = "event.message.file_share.in_thread" if in_thread else "event.message.file_share"
    assert shape(without(last(slack, heard, "message"), "team")) == shape(example(name))


async def test_a_share_from_another_company_carries_only_a_stub(
    slack: Playground, heard: list[Event]
) -> None:
    eve = slack.add_user("eve", team_id="T0OTHER01")
    shared = slack.add_channel("shared", [slack.add_user("alice"), eve])
    membership.connect(slack.workspace, slack.workspace.channel(shared), "T0OTHER01")
    await slack.share(eve, shared, "a.pdf", b"x")
    body = last(slack, heard, "message")
    assert shape(body) == shape(example("event.message.file_share.slack_connect"))
    assert (body["team_id"], body["context_team_id"]) == ("T0OTHER01", slack.workspace.team_id)
    assert body["is_ext_shared_channel"] is True
    assert shape(last(slack, heard, "file_shared")) == shape(example("event.file_shared.slack_connect"))


async def test_edits_and_deletions_look_like_slacks(slack: Playground, heard: list[Event]) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "a.pdf", b"x")
    await slack.delete_file(shared.file_id)
    body = last(slack, heard, "message")["event"]
    theirs = example("event.message.message_changed.file_removed")["event"]
    assert body.keys() == theirs.keys()
    assert body["message"]["files"] == [{"id": shared.file_id, "mode": "tombstone"}]
    assert body["previous_message"]["files"][0]["mode"] == "hosted"
    await slack.delete_message(ops, shared.ts)
    body = last(slack, heard, "message")["event"]
    assert body.keys() == example("event.message.message_deleted")["event"].keys()
    assert body["deleted_ts"] == shared.ts


async def test_words_look_like_slacks(slack: Playground, heard: list[Event]) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    root = await slack.say(alice, ops, "root")
    await slack.say(alice, ops, f"<@{slack.bot_user}> which replica first?", thread_ts=root)
    assert shape(last(slack, heard, "message")) == shape(example("event.message.thread_reply"))
    mention = without(last(slack, heard, "app_mention"), "parent_user_id")
    assert shape(mention) == shape(example("event.app_mention"))
    await slack.say(alice, slack.direct_channel(alice), f"<@{slack.bot_user}> hello")
    assert shape(last(slack, heard, "message")) == shape(example("event.message.im"))
    assert [event.subscription for event in heard].count("app_mention") == 1


async def test_comings_and_goings_look_like_slacks(slack: Playground, heard: list[Event]) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    room = slack.add_channel("room", [alice], is_private=True, with_bot=False)
    await slack.join(slack.bot_user, room, inviter=alice)
    assert shape(last(slack, heard, "member_joined_channel")) == shape(
        example("event.member_joined_channel.bot")
    )
    await slack.join(bob, room, inviter=alice)
    joined = last(slack, heard, "member_joined_channel")
    assert shape(joined) == shape(example("event.member_joined_channel.user"))
    assert joined["event"]["channel_type"] == "G"
    await slack.leave(bob, room)
    assert shape(last(slack, heard, "member_left_channel")) == shape(example("event.member_left_channel"))
    await slack.leave(slack.bot_user, room, removed_by=alice)
    assert shape(last(slack, heard, "group_left")) == shape(example("event.group_left"))


@pytest.mark.parametrize("prefix", ["channel", "group"])
async def test_a_channels_life_looks_like_slacks(slack: Playground, heard: list[Event], prefix: str) -> None:
    alice = slack.add_user("alice")
    person = slack.workspace.user(alice)
    channel = slack.workspace.channel(slack.add_channel("ops", [alice], is_private=prefix == "group"))

    def check(what: str) -> None:
        name = f"{prefix}_{what}"
        assert shape(last(slack, heard, name)) == shape(example(f"event.{name}"))

    membership.archive(slack.workspace, channel, person)
    check("archive")
    membership.unarchive(slack.workspace, channel, person)
    membership.rename(slack.workspace, channel, "ops-new")
    check("rename")
    membership.delete_channel(slack.workspace, channel, person)
    check("deleted")


async def test_shared_channels_and_new_ids_look_like_slacks(slack: Playground, heard: list[Event]) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    channel = slack.workspace.channel(ops)
    shared = await slack.share(alice, ops, "a.pdf", b"x")
    membership.connect(slack.workspace, channel, "T0OTHER01")
    ours = last(slack, heard, "channel_shared") | {"is_ext_shared_channel": False}
    assert shape(ours) == shape(example("event.channel_shared"))
    membership.connect(slack.workspace, channel, "T0OTHER01", shared=False)
    assert shape(last(slack, heard, "channel_unshared")) == shape(example("event.channel_unshared"))
    new = membership.change_id(slack.workspace, channel)
    assert shape(last(slack, heard, "channel_id_changed")) == shape(example("event.channel_id_changed"))
    assert slack.messages(new)[0].ts == shared.ts
    assert slack.workspace.file(shared.file_id).shares[0].channel == new


async def test_the_end_looks_like_slacks(slack: Playground, heard: list[Event]) -> None:
    slack.workspace.uninstall()
    assert shape(last(slack, heard, "app_uninstalled")) == shape(example("event.app_uninstalled"))
    ours, theirs = last(slack, heard, "tokens_revoked"), example("event.tokens_revoked")
    assert ours["authorizations"] == theirs["authorizations"] == []
    assert ours["event"].keys() == theirs["event"].keys()


async def test_the_bots_own_messages_carry_its_bot_id(slack: Playground, heard: list[Event]) -> None:
    alice = slack.add_user("alice")
    dm = slack.direct_channel(alice)
    bot = slack.workspace.bot
    message = Message(slack.workspace.clock.ts(), dm, bot.id, "hello", bot_id=bot.bot_id)
    slack.workspace.post(message)
    body = last(slack, heard, "message")["event"]
    assert (body["bot_id"], body["user"]) == (bot.bot_id, bot.id)
