"""Posting in Slack. Nothing is sent twice by a retry: what was cut off is looked for first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.errors import FaultMavenError, MessageRefused, PermissionMissing
from bot.ports import Content, Suggestion
from bot.providers.slack.calls import Calls
from bot.providers.slack.stream import SlackStream, marked

log = structlog.get_logger(__name__)

FIND_LIMIT = 100
"""Replies looked through for our own: it was among the first."""
Json = dict[str, Any]


async def _nobody() -> None:
    """The default of `me`."""


class SlackPoster:
    """`ports.MessagePoster` on `chat.*`. The client must not retry on connection errors.

    `me` says who we are in Slack, so that our own messages are known among those of others.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        calls: Calls | None = None,
        me: Callable[[], Awaitable[UserId | None]] = _nobody,
    ) -> None:
        self._client = client
        self._calls = calls or Calls()
        self._me = me

    async def post(self, channel: ChannelId, thread_ts: str | None, content: Content, mark: str) -> str:
        """`chat.postMessage` with `mark` in the message's metadata, so that `find` knows it again."""
        response = await self._calls.call(
            "chat.postMessage",
            partial(
                self._client.chat_postMessage,
                channel=channel,
                thread_ts=thread_ts,
                metadata=marked(mark),
                unfurl_links=False,
                unfurl_media=False,
                **content,
            ),
        )
        return str(response["ts"])

    async def find(
        self, channel: ChannelId, thread_ts: str, mark: str, *, after: str | None = None
    ) -> str | None:
        """`conversations.replies`; its scope is optional, and without it one stray reply is the price."""
        look = partial(
            self._client.conversations_replies,
            channel=channel,
            ts=thread_ts,
            oldest=after,
            limit=FIND_LIMIT,
            include_all_metadata=True,
        )
        try:
            response = await self._calls.call("conversations.replies", look)
        except (MessageRefused, PermissionMissing):
            return None
        messages: list[Json] = response.get("messages", [])
        if ts := next(_with(messages, marked(mark)), None):
            return ts
        if after is None:
            return None
        me = await self._me()
        younger = (m for m in messages if m["ts"] > after and m.get("user") == me)
        return next((str(m["ts"]) for m in younger if not m.get("metadata")), None)

    async def edit(self, channel: ChannelId, ts: str, content: Content) -> None:
        """`chat.update`."""
        edit = partial(self._client.chat_update, channel=channel, ts=ts, **content)
        await self._calls.call("chat.update", edit)

    async def post_ephemeral(
        self, channel: ChannelId, user: UserId, thread_ts: str | None, content: Content
    ) -> None:
        """`chat.postEphemeral`."""
        post = partial(
            self._client.chat_postEphemeral, channel=channel, user=user, thread_ts=thread_ts, **content
        )
        await self._calls.call("chat.postEphemeral", post)

    async def show_status(self, channel: ChannelId, thread_ts: str, words: str) -> None:
        """`assistant.threads.setStatus` for the words, `agents.sessions.setStatus` for the Stop button.

        Workspaces without agents may refuse both. A reply ends the first, but not the second.
        """
        session = "processing" if words else "active"
        show = partial(
            self._client.assistant_threads_setStatus, channel_id=channel, thread_ts=thread_ts, status=words
        )
        offer_stop = partial(
            self._client.agents_sessions_setStatus, channel_id=channel, thread_ts=thread_ts, status=session
        )
        await asyncio.gather(
            self._try("assistant.threads.setStatus", show),
            self._try("agents.sessions.setStatus", offer_stop),
        )

    async def suggest(self, channel: ChannelId, prompts: Sequence[Suggestion]) -> None:
        """`assistant.threads.setSuggestedPrompts`. With an agent's `thread_ts` it would do nothing."""
        suggest = partial(
            self._client.assistant_threads_setSuggestedPrompts, channel_id=channel, prompts=list(prompts)
        )
        await self._try("assistant.threads.setSuggestedPrompts", suggest)

    async def _try(self, method: str, call: Callable[[], Awaitable[Any]]) -> None:
        try:
            await self._calls.call(method, call)
        except FaultMavenError as error:
            log.info("courtesy_refused", method=method, cause=error.public_message)

    def stream(
        self, workspace: WorkspaceId, channel: ChannelId, thread_ts: str, reader: UserId
    ) -> SlackStream:
        """`chat.startStream` and its two companions."""
        return SlackStream(self._client, self._calls, workspace, channel, thread_ts, reader)

    async def publish_home(self, user: UserId, blocks: Sequence[Content]) -> None:
        """`views.publish`."""
        view = {"type": "home", "blocks": list(blocks)}
        await self._calls.call("views.publish", partial(self._client.views_publish, user_id=user, view=view))

    async def end_stream(self, channel: ChannelId, ts: str) -> None:
        """`chat.stopStream`, which refuses what is no stream."""
        with suppress(MessageRefused):
            end = partial(self._client.chat_stopStream, channel=channel, ts=ts)
            await self._calls.call("chat.stopStream", end)


def _with(messages: Sequence[Json], metadata: Json) -> Iterator[str]:
    for message in messages:
        found = message.get("metadata") or {}
        if {key: found.get(key) for key in metadata} == metadata:
            yield str(message["ts"])
