"""An answer reaches its thread whole and once, whatever becomes of the stream it is written in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from support.tables import sqlite_in

from bot.database import Database
from bot.documents.conversations import Thread
from bot.domain import ChannelId, UserId, WorkspaceId
from bot.errors import ProviderUnavailable
from bot.playground.model import Message
from bot.playground.server import Playground
from bot.providers.slack.poster import SlackPoster
from bot.slack.deliver import BUFFER_CHARS, Delivery
from bot.slack.render_answer import Reply
from bot.slack.render_text import note

PIECES = [f"{word} ".ljust(BUFFER_CHARS, ".") for word in ("first", "second", "third")]
REPLY = Reply("".join(PIECES), [note("a source")])


@dataclass
class Thread1:
    """A question in a channel, and whoever answers it."""

    slack: Playground
    database: Database
    channel: ChannelId
    asked: str

    async def delivery(self) -> Delivery:
        """As after a start: with what was noted of the question."""
        async with self.database.transaction() as tx:
            [turn] = await tx.conversations.due(now=9.0, limit=1, besides=[])
        client = AsyncWebClient(
            token=self.slack.bot_token, base_url=self.slack.api_url, retry_handlers=[]
        )  # as the bot's own

        async def me() -> UserId:
            return UserId(self.slack.bot_user)

        return Delivery(self.database.transaction, SlackPoster(client, me=me), turn)

    def said(self) -> list[Message]:
        return [m for m in self.slack.messages(self.channel, self.asked) if m.user == self.slack.bot_user]

    def called(self, method: str) -> int:
        return sum(call.method == method for call in self.slack.calls)

    def is_whole(self) -> bool:
        [message] = self.said()
        blocks = [{"type": "markdown", "text": REPLY.words}, *REPLY.below]
        return message.text == REPLY.words and message.blocks == blocks and not message.streaming


@pytest.fixture
async def thread(tmp_path: Path) -> AsyncIterator[Thread1]:
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        channel = ChannelId(slack.add_channel("ops", members=[alice]))
        asked = await slack.say(alice, channel, "how?")
        team = WorkspaceId(slack.workspace.team_id)
        async with database.transaction() as tx:
            place = Thread(team, channel, asked)
            await tx.conversations.ask(place, asked, UserId(alice), "how?", "mention", now=1.0)
        yield Thread1(slack, database, channel, asked)
    await database.close()


async def write(delivery: Delivery, pieces: list[str] = PIECES) -> None:
    for piece in pieces:
        await delivery.write(piece)


async def test_an_answer_grows_in_its_thread_and_ends_with_its_sources(thread: Thread1) -> None:
    delivery = await thread.delivery()
    await delivery.write(PIECES[0])
    [begun] = thread.said()
    assert (begun.text, begun.streaming) == (PIECES[0], True)
    await write(delivery, PIECES[1:])
    await delivery.post(REPLY)
    assert thread.is_whole()
    assert thread.called("chat.update") == 0


async def test_small_pieces_are_gathered(thread: Thread1) -> None:
    delivery = await thread.delivery()
    for character in REPLY.words:
        await delivery.write(character)
    await delivery.post(REPLY)
    assert thread.is_whole()
    assert thread.called("chat.startStream") + thread.called("chat.appendStream") == len(PIECES)


async def test_a_stream_that_slack_ended_is_completed_by_an_edit(thread: Thread1) -> None:
    delivery = await thread.delivery()
    await delivery.write(PIECES[0])
    for method in ("chat.appendStream", "chat.stopStream"):
        thread.slack.faults.add(method, error="message_not_in_streaming_state", times=9)
    thread.said()[0].streaming = False
    await write(delivery, PIECES[1:])
    await delivery.post(REPLY)
    assert thread.is_whole()


async def test_an_answer_that_ended_otherwise_than_it_was_streamed_is_corrected(thread: Thread1) -> None:
    delivery = await thread.delivery()
    await write(delivery, ["something else ".ljust(BUFFER_CHARS, ".")])
    await delivery.post(REPLY)
    assert thread.is_whole()


async def test_what_a_limit_held_back_comes_with_the_next_words(thread: Thread1) -> None:
    delivery = await thread.delivery()
    await delivery.write(PIECES[0])
    thread.slack.faults.add("chat.appendStream", error="ratelimited", retry_after=30)
    await write(delivery, PIECES[1:])
    await delivery.post(REPLY)
    assert thread.is_whole()


@pytest.mark.parametrize("error", ["channel_not_found", "missing_recipient_team_id"])
async def test_where_no_stream_is_possible_the_answer_comes_in_one_piece(thread: Thread1, error: str) -> None:
    thread.slack.faults.add("chat.startStream", error=error, times=9)
    delivery = await thread.delivery()
    await write(delivery)
    await delivery.post(REPLY)
    assert thread.is_whole()
    assert thread.called("chat.startStream") == 1


@pytest.mark.parametrize("pieces", [1, 3])
async def test_a_stream_that_a_crash_left_open_becomes_the_answer(thread: Thread1, pieces: int) -> None:
    await write(await thread.delivery(), PIECES[:pieces])
    again = await thread.delivery()
    await write(again)
    await again.post(REPLY)
    assert thread.is_whole()


async def test_a_stream_whose_beginning_was_not_noted_is_found_again(thread: Thread1) -> None:
    thread.slack.faults.add("chat.startStream", how="cut")
    with pytest.raises(ProviderUnavailable):
        await write(await thread.delivery())
    again = await thread.delivery()
    await write(again)
    await again.post(REPLY)
    assert thread.is_whole()


async def test_an_answer_is_posted_once_however_often_it_is_delivered(thread: Thread1) -> None:
    thread.slack.faults.add("chat.postMessage", how="cut")
    with pytest.raises(ProviderUnavailable):
        await (await thread.delivery()).post(REPLY)
    for _ in range(3):
        await (await thread.delivery()).post(REPLY)
    assert thread.is_whole()


async def test_a_whisper_that_may_be_a_repeat_says_so(thread: Thread1) -> None:
    await (await thread.delivery()).whisper(REPLY.content)
    await (await thread.delivery()).whisper(REPLY.content)
    first, second = thread.slack.workspace.ephemerals
    assert "twice" not in str(first.blocks)
    assert "twice" in str(second.blocks)
