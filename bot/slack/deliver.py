"""Deliver: one answer into its thread, once: streamed while it is written, whispered, or posted whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.documents.repository import Transaction
from bot.documents.tables import Turn
from bot.domain import ChannelId, UserId, WorkspaceId
from bot.errors import MessageRefused, RateLimited
from bot.ports import Content, MessagePoster, MessageStream
from bot.slack.render_answer import Reply
from bot.slack.render_text import note
from bot.slack.stopping import STOPPED_WORDS

log = structlog.get_logger(__name__)

BUFFER_CHARS = 240
BUFFER_S = 0.7
"""Whichever comes first."""
AGAIN = "I was restarted while I answered this, so you may see it twice."


class TurnLost(Exception):
    """The question was withdrawn, or another replica answers it: nothing may be posted any more."""


@dataclass(slots=True)
class Delivery:
    """Our one message for one question. Each step is noted before the next, should we die between."""

    transaction: Transaction
    poster: MessagePoster
    turn: Turn
    clock: Callable[[], float] = time.time
    _pending: str = ""
    _streamed: str = ""
    _flushed_at: float = field(default_factory=time.monotonic)
    _stream: MessageStream | None = None
    _streams: bool = True

    @property
    def channel(self) -> ChannelId:
        """Where it was asked."""
        return ChannelId(self.turn.channel_id)

    @property
    def asker(self) -> UserId:
        """Whoever asked."""
        return UserId(self.turn.asker)

    async def sign_of_life(self, words: str) -> None:
        """Tell the thread that somebody is at it."""
        await self.poster.show_status(self.channel, self.turn.thread_ts, words)

    async def whisper(self, content: Content) -> None:
        """Show something to the asker alone. After a crash it says that it may be a repeat.

        Slack keeps no ephemeral message that one could look for.
        """
        if self.turn.posting_since is not None:
            content = content | {"blocks": [*content["blocks"], note(AGAIN)]}
        await self._note_posting()
        await self.poster.post_ephemeral(self.channel, self.asker, self.turn.thread_ts, content)

    async def write(self, text: str) -> None:
        """Show words as they come; gathered for a moment, since Slack counts each piece that is appended.

        Where Slack doesn't take a stream, they come with the whole.
        """
        self._pending += text
        late = time.monotonic() - self._flushed_at >= BUFFER_S
        if self._pending.strip() and (len(self._pending) >= BUFFER_CHARS or late):
            await self._flush()

    async def post(self, reply: Reply) -> None:
        """Make our message this, whatever became of it before, unless nobody wants it now. Repeatable."""
        async with self.transaction(reading=True) as tx:
            stopped = await tx.conversations.stopped(self.turn)
        if stopped:
            await self.end_early()
        elif not await self._finish_stream(reply):
            await self.post_content(reply.content)

    async def end_early(self) -> None:
        """Whoever asked wants no more of it: what is there stays, and below it is said why. Repeatable.

        What was not shown yet isn't shown any more. Slack has ended the stream, or does so now.
        """
        below = note(STOPPED_WORDS)
        shown = [{"type": "markdown", "text": self._streamed}, below] if self._streamed else [below]
        content = {"text": self._streamed or STOPPED_WORDS, "blocks": shown}
        if ts := await self._posted_ts():
            await self._close(ts)
            await self.poster.edit(self.channel, ts, content)
        else:  # the question is closed: nobody would try again, and there is nothing to note
            await self.poster.post(self.channel, self.turn.thread_ts, content, self._mark)

    async def post_content(self, content: Content) -> None:
        """The same for a message that nobody saw growing."""
        ts = await self._posted_ts()
        if ts is None:
            await self._note_posting()
            ts = await self.poster.post(self.channel, self.turn.thread_ts, content, self._mark)
            await self._note_posted(ts)
            return
        await self._note_posted(ts)
        await self._close(ts)
        await self.poster.edit(self.channel, ts, content)

    async def _posted_ts(self) -> str | None:
        """Of our message, if there is one; it is looked for where we may have died while posting it."""
        if self.turn.reply_ts is not None or self.turn.posting_since is None:
            return self.turn.reply_ts
        return await self.poster.find(
            self.channel, self.turn.thread_ts, self._mark, after=self.turn.message_ts
        )

    @property
    def _mark(self) -> str:
        return f"answer:{self.turn.message_ts}"

    async def _flush(self) -> None:
        """Send what is pending, unless this message exists already and is completed by an edit."""
        begun = self._stream is not None
        if not self._streams or (not begun and (self.turn.reply_ts or self.turn.posting_since)):
            return
        if self._stream is None:
            self._stream = self.poster.stream(
                WorkspaceId(self.turn.workspace_id), self.channel, self.turn.thread_ts, self.asker
            )
            await self._note_posting()
        self._flushed_at = time.monotonic()
        try:
            await self._stream.append(self._pending)
        except RateLimited:
            return  # it did nothing: the same words go with the next ones
        except MessageRefused as refused:
            log.info("stream_refused", code=refused.code)
            self._streams = False
            return
        self._streamed += self._pending
        self._pending = ""
        if not begun and self._stream.ts:
            await self._note_posted(self._stream.ts)

    async def _finish_stream(self, reply: Reply) -> bool:
        """End the stream with what goes below; False when the whole still has to be put in its place."""
        if self._stream is None or self._stream.ts is None:
            return False
        rest = reply.words.removeprefix(self._streamed)
        try:
            if rest and reply.words.startswith(self._streamed):
                await self._stream.append(rest)
                self._streamed = reply.words
            await self._stream.stop(reply.below, self._mark)
        except (MessageRefused, RateLimited) as refused:
            log.info("stream_ended_early", cause=refused.public_message)
            return False
        return self._streamed == reply.words

    async def _close(self, ts: str) -> None:
        """End a stream that a crash, or an error of Slack's, left open."""
        await self.poster.end_stream(self.channel, ts)

    async def _note_posting(self) -> None:
        self.turn.posting_since = self.clock()
        async with self.transaction() as tx:
            if not await tx.conversations.posting(self.turn, now=self.clock()):
                raise TurnLost

    async def _note_posted(self, ts: str) -> None:
        self.turn.reply_ts, self.turn.posting_since = ts, None
        async with self.transaction() as tx:
            await tx.conversations.posted(self.turn, ts)
