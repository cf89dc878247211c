from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import membership
from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


BOTH = "public_channel,private_channel"


async def names(client: AsyncWebClient, **arguments: object) -> list[str]:
    answer = await client.users_conversations(**arguments)
    return [channel["name"] for channel in answer["channels"]]


async def test_private_channels_are_listed_only_where_person_and_bot_both_are(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    slack.add_channel("both", [alice], is_private=True)
    slack.add_channel("hers", [alice], is_private=True, with_bot=False)
    slack.add_channel("his", [bob], is_private=True)
    assert await names(client, user=alice, types=BOTH) == ["both"]


async def test_public_channels_are_listed_even_where_the_bot_is_not(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    slack.add_channel("both", [alice])
    slack.add_channel("hers", [alice], with_bot=False)
    slack.add_channel("his", [bob])
    assert await names(client, user=alice, types=BOTH) == ["both", "hers"]
    assert await names(client, types=BOTH) == ["both", "his"]


async def test_public_channels_alone_are_listed_unless_types_says_more(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice = slack.add_user("alice")
    slack.add_channel("public", [alice])
    slack.add_channel("private", [alice], is_private=True)
    assert await names(client, user=alice) == ["public"]


async def test_archived_channels_are_left_out_on_request(slack: Playground, client: AsyncWebClient) -> None:
    alice = slack.add_user("alice")
    old = slack.add_channel("old", [alice])
    membership.archive(slack.workspace, slack.workspace.channel(old), slack.workspace.user(alice))
    assert await names(client, user=alice, exclude_archived=False) == ["old"]
    assert await names(client, user=alice, exclude_archived=True) == []


async def test_pages_follow_one_another_until_the_cursor_is_empty(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice = slack.add_user("alice")
    expected = [f"channel-{number}" for number in range(5)]
    for name in expected:
        slack.add_channel(name, [alice])
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = await client.users_conversations(user=alice, limit=2, cursor=cursor)
        found += [channel["name"] for channel in answer["channels"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert found == expected
    assert cursor == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"user": "U0"}, "user_not_found"),
        ({"types": "rooms"}, "invalid_types"),
        ({"limit": 0}, "invalid_limit"),
        ({"limit": 1000}, "invalid_limit"),
        ({"cursor": "garbage"}, "invalid_cursor"),
        ({"types": "im"}, "missing_scope"),
    ],
)
async def test_wrong_requests_for_conversations_are_refused(
    client: AsyncWebClient, refused: Refused, arguments: dict, error: str
) -> None:
    assert (await refused(client.users_conversations(**arguments)))["error"] == error


async def test_info_and_members_describe_a_channel(slack: Playground, client: AsyncWebClient) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    channel = (await client.conversations_info(channel=ops, include_num_members=True))["channel"]
    assert (channel["name"], channel["is_private"], channel["num_members"]) == ("ops", False, 2)
    assert set((await client.conversations_members(channel=ops))["members"]) == {alice, slack.bot_user}


async def test_a_private_channel_that_the_bot_left_does_not_exist_for_it(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    room = slack.add_channel("room", [alice], is_private=True)
    await slack.leave(slack.bot_user, room, removed_by=alice)
    assert (await refused(client.conversations_info(channel=room)))["error"] == "channel_not_found"


async def test_a_thread_is_read_from_its_root_or_any_reply(slack: Playground, client: AsyncWebClient) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    root = await slack.say(alice, ops, "root")
    reply = await slack.say(alice, ops, "reply", thread_ts=root)
    for ts in (root, reply):
        messages = (await client.conversations_replies(channel=ops, ts=ts))["messages"]
        assert [message["text"] for message in messages] == ["root", "reply"]
    assert messages[0]["reply_count"] == 1
    assert messages[1]["parent_user_id"] == alice
    late = await client.conversations_replies(channel=ops, ts=root, oldest=root)
    assert [message["text"] for message in late["messages"]] == ["reply"]
    early = await client.conversations_replies(channel=ops, ts=root, latest=root, inclusive=True)
    assert [message["text"] for message in early["messages"]] == ["root"]


async def test_metadata_is_read_only_on_request(slack: Playground, client: AsyncWebClient) -> None:
    ops = slack.add_channel("ops")
    metadata = {"event_type": "status", "event_payload": {"document": "d1"}}
    ts = (await client.chat_postMessage(channel=ops, text="x", metadata=metadata))["ts"]
    plain = await client.conversations_replies(channel=ops, ts=ts)
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_replies(channel=ops, ts=ts, include_all_metadata=True)
    assert full["messages"][0]["metadata"] == metadata


async def test_a_thread_is_refused_to_a_bot_outside_without_scope_or_with_a_wrong_ts(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    ts = await slack.say(alice, ops, "root")
    unknown = await refused(client.conversations_replies(channel=ops, ts="1.000001"))
    assert unknown["error"] == "thread_not_found"
    await slack.leave(slack.bot_user, ops)
    outside = await refused(client.conversations_replies(channel=ops, ts=ts))
    assert outside["error"] == "not_in_channel"


async def test_reading_threads_of_private_channels_needs_its_own_scope(refused: Refused) -> None:
    async with Playground.serve(withhold=["groups:history"]) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        alice = slack.add_user("alice")
        room = slack.add_channel("room", [alice], is_private=True)
        ts = await slack.say(alice, room, "root")
        answer = await refused(client.conversations_replies(channel=room, ts=ts))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:history")
