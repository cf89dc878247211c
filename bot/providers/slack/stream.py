"""A reply that is read while it is written: `chat.startStream`, `appendStream`, `stopStream`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.ports import Content
from bot.providers.slack.calls import Calls

METADATA_TYPE = "faultmaven_message"


def marked(mark: str) -> dict[str, Any]:
    """A message's metadata by which we know it again."""
    return {"event_type": METADATA_TYPE, "event_payload": {"mark": mark}}


class SlackStream:
    """`ports.MessageStream`. A call that Slack limited did nothing: the same words may be given again."""

    def __init__(
        self,
        client: AsyncWebClient,
        calls: Calls,
        workspace: WorkspaceId,
        channel: ChannelId,
        thread_ts: str,
        reader: UserId,
    ) -> None:
        self._client = client
        self._calls = calls
        self._workspace = workspace
        self._channel = channel
        self._thread_ts = thread_ts
        self._reader = reader
        self.ts: str | None = None

    async def append(self, text: str) -> None:
        """The first words begin the message. In a channel, Slack wants to know for whom it is."""
        if self.ts is not None:
            more = partial(
                self._client.chat_appendStream, channel=self._channel, ts=self.ts, markdown_text=text
            )
            await self._calls.call("chat.appendStream", more)
            return
        begin = partial(
            self._client.chat_startStream,
            channel=self._channel,
            thread_ts=self._thread_ts,
            markdown_text=text,
            recipient_team_id=self._workspace,
            recipient_user_id=self._reader,
        )
        response = await self._calls.call("chat.startStream", begin)
        self.ts = str(response["ts"])

    async def stop(self, blocks: Sequence[Content], mark: str) -> None:
        """What was streamed stays above the blocks."""
        end = partial(
            self._client.chat_stopStream,
            channel=self._channel,
            ts=self.ts or "",
            blocks=list(blocks),
            metadata=marked(mark),
        )
        await self._calls.call("chat.stopStream", end)
