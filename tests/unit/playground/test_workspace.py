from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground import membership, sharing
from bot.playground.ids import Clock
from bot.playground.mentions import escape, link_names
from bot.playground.model import WorkspaceError
from bot.playground.server import Playground
from bot.playground.workspace import Workspace


@given(st.lists(st.floats(min_value=0, max_value=2e9), min_size=2, max_size=50))
def test_every_ts_is_larger_than_the_one_before_whatever_the_clock_does(times: list[float]) -> None:
    readings = iter(times)
    clock = Clock(now=lambda: next(readings))
    stamps = [clock.ts() for _ in times]
    assert all(len(ts.partition(".")[2]) == 6 for ts in stamps)
    order = [tuple(map(int, ts.split("."))) for ts in stamps]
    assert order == sorted(set(order))


@given(st.text())
def test_what_people_type_is_escaped_and_reads_back(text: str) -> None:
    escaped = escape(text)
    assert not set(escaped) & set("<>")
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@pytest.mark.parametrize(
    ("typed", "linked"),
    [
        ("ask @bob.", "ask <@{bob}>."),
        ("@Bob: hello", "<@{bob}>: hello"),
        ("#ops, #nowhere", "<#{ops}>, #nowhere"),
        ("mail bob@bob and a#ops", "mail bob@bob and a#ops"),
        ("<@bob>", "&lt;<@{bob}>&gt;"),
        ("#room", "#room"),
    ],
)
async def test_names_become_links_where_the_author_knows_them(
    slack: Playground, typed: str, linked: str
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", [alice])
    slack.add_channel("room", [bob], is_private=True)
    author = slack.workspace.user(alice)
    assert link_names(slack.workspace, author, typed) == linked.format(bob=bob, ops=ops)


def test_ids_differ_between_two_workspaces() -> None:
    first, second = Workspace(), Workspace()
    assert first.bot.id != second.bot.id
    assert first.team_id == second.team_id


@given(st.lists(st.tuples(st.sampled_from(["share", "unshare", "delete message"]), st.integers(0, 9))))
def test_a_files_shares_are_exactly_the_messages_that_hold_it(steps: list[tuple[str, int]]) -> None:
    workspace = Workspace()
    alice = workspace.add_user("alice")
    channels = [membership.add_channel(workspace, name, alice) for name in ("ops", "general")]
    file = sharing.new_file(workspace, alice, "a.txt", b"x")
    for step, number in steps:
        channel = channels[number % 2]
        held = workspace.top_level(channel.id)
        if step == "share":
            sharing.share(workspace, file, alice, channel.id)
        elif step == "unshare":
            sharing.unshare(workspace, file, channel.id, alice)
        elif held:
            sharing.delete_message(workspace, held[number % len(held)])
        holders = {
            (channel.id, message.ts)
            for channel in channels
            for message in workspace.top_level(channel.id)
            if file.id in message.files
        }
        assert {(share.channel, share.ts) for share in file.shares} == holders


async def test_people_can_only_write_and_share_where_they_are(slack: Playground) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", [alice])
    for attempt in (slack.say(bob, ops, "x"), slack.share(bob, ops, "a.txt", b"x")):
        with pytest.raises(WorkspaceError, match="Join the channel first"):
            await attempt
    slack.workspace.user(alice).deleted = True
    with pytest.raises(WorkspaceError, match="Join the channel first"):
        await slack.say(alice, ops, "x")


async def test_a_private_channel_is_joined_only_by_invitation(slack: Playground) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    room = slack.add_channel("room", [alice], is_private=True)
    with pytest.raises(WorkspaceError, match="no such channel"):
        await slack.join(bob, room)
    await slack.join(bob, room, inviter=alice)
    await slack.join(bob, room, inviter=alice)
    await slack.leave(bob, room)
    await slack.leave(bob, room)
    assert slack.workspace.channel(room).members == {alice, slack.bot_user}


async def test_deleting_a_message_takes_the_share_of_its_file_with_it(slack: Playground) -> None:
    alice = slack.add_user("alice")
    ops, general = slack.add_channel("ops", [alice]), slack.add_channel("general", [alice])
    one = await slack.share(alice, ops, "a.txt", b"x")
    two = await slack.share_again(one.file_id, alice, general)
    await slack.delete_message(ops, one.ts)
    assert [share.ts for share in slack.workspace.file(one.file_id).shares] == [two.ts]
    kinds = [delivery.payload["event"]["type"] for delivery in slack.deliveries]
    assert kinds[-2:] == ["message", "file_unshared"]
