"""Posting in Slack. Nothing is sent twice by a retry: what was cut off is looked for first."""

from __future__ import annotations

from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, UserId
from bot.errors import MessageRefused, PermissionMissing
from bot.ports import Content
from bot.providers.slack.calls import Calls

METADATA_TYPE = "faultmaven_message"
FIND_LIMIT = 100
"""Replies looked through for our own: it was among the first."""


class SlackPoster:
    """`ports.MessagePoster` on `chat.*`. The client must not retry on connection errors."""

    def __init__(self, client: AsyncWebClient, calls: Calls | None = None) -> None:
        self._client = client
        self._calls = calls or Calls()

    async def post(self, channel: ChannelId, thread_ts: str | None, content: Content, mark: str) -> str:
        """`chat.postMessage` with `mark` in the message's metadata, so that `find` knows it again."""
        response = await self._calls.call(
            "chat.postMessage",
            partial(
                self._client.chat_postMessage,
                channel=channel,
                thread_ts=thread_ts,
                metadata={"event_type": METADATA_TYPE, "event_payload": {"mark": mark}},
                unfurl_links=False,
                unfurl_media=False,
                **content,
            ),
        )
        return str(response["ts"])

    async def find(self, channel: ChannelId, thread_ts: str, mark: str) -> str | None:
        """`conversations.replies`; its scope is optional, and without it one stray reply is the price."""
        look = partial(
            self._client.conversations_replies,
            channel=channel,
            ts=thread_ts,
            limit=FIND_LIMIT,
            include_all_metadata=True,
        )
        try:
            response = await self._calls.call("conversations.replies", look)
        except (MessageRefused, PermissionMissing):
            return None
        messages: list[dict[str, Any]] = response.get("messages", [])
        for message in messages:
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == METADATA_TYPE and metadata["event_payload"].get("mark") == mark:
                return str(message["ts"])
        return None

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
