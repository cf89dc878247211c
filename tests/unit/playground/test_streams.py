from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
async def place(slack: Playground) -> dict[str, str]:
    """A question in a channel, as arguments of chat.startStream."""
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    root = await slack.say(alice, ops, "how?")
    team = slack.workspace.team_id
    return {"channel": ops, "thread_ts": root, "recipient_user_id": alice, "recipient_team_id": team}


async def test_a_stream_grows_and_ends_with_blocks_below(
    slack: Playground, client: AsyncWebClient, place: dict[str, str]
) -> None:
    stream = await client.chat_stream(buffer_size=1, **place)
    await stream.append(markdown_text="Promote ")
    await stream.append(markdown_text="the standby.")
    divider = {"type": "divider"}
    await stream.stop(blocks=[divider], metadata={"event_type": "m", "event_payload": {"mark": "1"}})
    message = slack.messages(place["channel"], place["thread_ts"])[-1]
    assert message.text == "Promote the standby."
    assert message.blocks == [{"type": "markdown", "text": message.text}, divider]
    assert message.metadata
    assert not message.streaming


@pytest.mark.parametrize("missing", ["recipient_user_id", "recipient_team_id"])
async def test_a_stream_in_a_channel_needs_to_know_for_whom(
    client: AsyncWebClient, place: dict[str, str], refused: Refused, missing: str
) -> None:
    del place[missing]
    assert (await refused(client.chat_startStream(**place)))["error"] == f"missing_{missing}"


async def test_a_stream_hangs_on_a_message(
    client: AsyncWebClient, place: dict[str, str], refused: Refused
) -> None:
    place["thread_ts"] = "1.000001"
    assert (await refused(client.chat_startStream(**place)))["error"] == "thread_not_found"


async def test_what_has_ended_takes_no_more_words(
    client: AsyncWebClient, place: dict[str, str], refused: Refused
) -> None:
    channel = place["channel"]
    ts = str((await client.chat_startStream(**place, markdown_text="a"))["ts"])
    await client.chat_stopStream(channel=channel, ts=ts)
    for call in (
        client.chat_appendStream(channel=channel, ts=ts, markdown_text="b"),
        client.chat_stopStream(channel=channel, ts=ts),
    ):
        assert (await refused(call))["error"] == "message_not_in_streaming_state"


async def test_nobody_elses_message_becomes_a_stream(
    client: AsyncWebClient, place: dict[str, str], refused: Refused
) -> None:
    append = client.chat_appendStream(channel=place["channel"], ts=place["thread_ts"], markdown_text="b")
    assert (await refused(append))["error"] == "message_not_owned_by_app"


async def test_a_streams_call_is_bounded(
    client: AsyncWebClient, place: dict[str, str], refused: Refused
) -> None:
    assert (await refused(client.chat_startStream(**place, markdown_text="a" * 12_001)))[
        "error"
    ] == "msg_too_long"
