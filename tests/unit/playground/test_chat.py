from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import membership
from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


async def test_a_message_is_posted_as_the_bot(slack: Playground, client: AsyncWebClient) -> None:
    ops = slack.add_channel("ops")
    answer = await client.chat_postMessage(channel=ops, text="hello", unfurl_links=False)
    posted = slack.messages(ops)[0]
    assert (posted.ts, posted.user, posted.text) == (answer["ts"], slack.bot_user, "hello")
    assert answer["message"]["bot_id"] == slack.workspace.bot.bot_id


async def test_blocks_may_come_as_json_text_in_a_form(slack: Playground, client: AsyncWebClient) -> None:
    ops = slack.add_channel("ops")
    blocks = [{"type": "divider"}]
    await client.api_call("chat.postMessage", params={"channel": ops, "blocks": json.dumps(blocks)})
    assert slack.messages(ops)[0].blocks == blocks


async def test_a_reply_to_a_reply_joins_the_thread(slack: Playground, client: AsyncWebClient) -> None:
    ops = slack.add_channel("ops")
    root = (await client.chat_postMessage(channel=ops, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=ops, text="reply", thread_ts=root))["ts"]
    await client.chat_postMessage(channel=ops, text="again", thread_ts=reply)
    assert [message.text for message in slack.messages(ops, root)] == ["root", "reply", "again"]
    assert [message.text for message in slack.messages(ops)] == ["root"]


async def test_a_reply_to_a_deleted_message_lands_in_the_channel(
    slack: Playground, client: AsyncWebClient
) -> None:
    ops = slack.add_channel("ops")
    root = (await client.chat_postMessage(channel=ops, text="root"))["ts"]
    await client.chat_delete(channel=ops, ts=root)
    answer = await client.chat_postMessage(channel=ops, text="late", thread_ts=root)
    assert "thread_ts" not in answer["message"]
    assert [message.text for message in slack.messages(ops)] == ["late"]


async def test_a_deleted_root_keeps_its_place_while_it_has_replies(
    slack: Playground, client: AsyncWebClient
) -> None:
    ops = slack.add_channel("ops")
    root = (await client.chat_postMessage(channel=ops, text="root"))["ts"]
    await client.chat_postMessage(channel=ops, text="reply", thread_ts=root)
    await client.chat_delete(channel=ops, ts=root)
    assert [message.deleted for message in slack.messages(ops, root)] == [True, False]


async def test_a_user_id_as_channel_reaches_the_direct_conversation(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice = slack.add_user("alice")
    answer = await client.chat_postMessage(channel=alice, text="hello")
    assert answer["channel"] == slack.direct_channel(alice)


async def test_posting_where_the_bot_is_not_is_refused(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    public = slack.add_channel("public", [alice], with_bot=False)
    private = slack.add_channel("private", [alice], is_private=True, with_bot=False)
    assert (await refused(client.chat_postMessage(channel=public, text="x")))["error"] == "not_in_channel"
    assert (await refused(client.chat_postMessage(channel=private, text="x")))["error"] == "channel_not_found"
    assert (await refused(client.chat_postMessage(channel="C0", text="x")))["error"] == "channel_not_found"


async def test_an_archived_channel_takes_no_messages(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    membership.archive(slack.workspace, slack.workspace.channel(ops), slack.workspace.user(alice))
    assert (await refused(client.chat_postMessage(channel=ops, text="x")))["error"] == "is_archived"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x", "metadata": {"event_type": "mine"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "", "event_payload": {}}}, "invalid_metadata_format"),
    ],
)
async def test_content_that_slack_would_not_take_is_refused(
    slack: Playground, client: AsyncWebClient, refused: Refused, content: dict, error: str
) -> None:
    ops = slack.add_channel("ops")
    answer = await refused(client.api_call("chat.postMessage", json={"channel": ops, **content}))
    assert answer["error"] == error


async def test_an_update_keeps_blocks_that_it_does_not_mention(
    slack: Playground, client: AsyncWebClient
) -> None:
    ops = slack.add_channel("ops")
    ts = (await client.chat_postMessage(channel=ops, text="a", blocks=[{"type": "divider"}]))["ts"]
    await client.chat_update(channel=ops, ts=ts, text="b")
    message = slack.messages(ops)[0]
    assert (message.text, message.blocks) == ("b", [{"type": "divider"}])
    assert message.edited_ts is not None
    await client.chat_update(channel=ops, ts=ts, text="c", blocks=[])
    assert slack.messages(ops)[0].blocks == []


async def test_only_own_messages_are_updated_and_deleted(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    ts = await slack.say(alice, ops, "mine")
    assert (await refused(client.chat_update(channel=ops, ts=ts, text="x")))["error"] == "cant_update_message"
    assert (await refused(client.chat_delete(channel=ops, ts=ts)))["error"] == "cant_delete_message"
    unknown = client.chat_update(channel=ops, ts="1.000001", text="x")
    assert (await refused(unknown))["error"] == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_person(slack: Playground, client: AsyncWebClient) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", [alice, bob])
    answer = await client.chat_postEphemeral(channel=ops, user=alice, text="psst")
    assert [message.ts for message in slack.ephemerals(alice, ops)] == [answer["message_ts"]]
    assert slack.ephemerals(bob) == []
    assert slack.messages(ops) == []


async def test_an_ephemeral_message_to_someone_outside_is_refused(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", [alice])
    outside = await refused(client.chat_postEphemeral(channel=ops, user=bob, text="x"))
    assert outside["error"] == "user_not_in_channel"
    unknown = await refused(client.chat_postEphemeral(channel=ops, user="U0", text="x"))
    assert unknown["error"] == "user_not_found"


async def test_a_permalink_names_channel_message_and_thread(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    ops = slack.add_channel("ops")
    root = (await client.chat_postMessage(channel=ops, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=ops, text="reply", thread_ts=root))["ts"]
    link = (await client.chat_getPermalink(channel=ops, message_ts=reply))["permalink"]
    place = f"archives/{ops}/p{reply.replace('.', '')}?thread_ts={root}&cid={ops}"
    assert link == slack.page_url + place
    unknown = client.chat_getPermalink(channel=ops, message_ts="1.000001")
    assert (await refused(unknown))["error"] == "message_not_found"


async def test_status_and_prompts_are_checked(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    dm = slack.direct_channel(slack.add_user("alice"))
    await client.assistant_threads_setStatus(channel_id=dm, thread_ts="1.000001", status="searching")
    assert slack.workspace.statuses[dm, "1.000001"] == "searching"
    await client.agents_sessions_setStatus(channel_id=dm, thread_ts="1.000001", status="processing")
    assert slack.workspace.sessions[dm, "1.000001"] == "processing"
    idle = client.agents_sessions_setStatus(channel_id=dm, thread_ts="1.000001", status="idle")
    assert (await refused(idle))["error"] == "invalid_arguments"
    none = client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=[])
    assert (await refused(none))["error"] == "invalid_arguments"
    one = [{"title": "Status", "message": "status"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=dm, thread_ts="1.000001", prompts=one)
    assert slack.workspace.prompts == {}  # an agent's have no thread
    await client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=one)
    assert slack.workspace.prompts == {dm: one}
