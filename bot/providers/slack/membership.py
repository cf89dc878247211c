"""Slack as the one who knows which channels a person is in."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.providers.slack.calls import Calls

MEMBERSHIP_TTL_S = 60.0
MAX_CACHED_PEOPLE = 10_000
PAGE_LIMIT = 999
MAX_PAGES = 20
"""Slack allows 1,000 channels a page; a person in more than 20,000 gets the first 20,000."""


class SlackMembership:
    """`ports.MembershipProvider` on `users.conversations`, cached for a minute.

    Slack lists for a person the public channels they are in and the private ones they share with
    the bot; the bot's own list is intersected, so that a channel it left counts no longer.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        calls: Calls | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._calls = calls or Calls()
        self._clock = clock
        self._cache: OrderedDict[UserId | None, tuple[float, frozenset[ChannelId]]] = OrderedDict()
        self._names: dict[ChannelId, str] = {}
        self._changes = 0

    @property
    def names(self) -> Mapping[ChannelId, str]:
        """The names of all channels that Slack has listed, each as it was last told."""
        return self._names

    async def channels_shared_with(self, workspace: WorkspaceId, user: UserId) -> frozenset[ChannelId]:
        """Channels of this person and the bot. Raises when Slack doesn't answer; nothing is assumed."""
        del workspace
        theirs, ours = await asyncio.gather(self._channels(user), self._channels(None))
        return theirs & ours

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """Drop one person's channels, or (without a person) everybody's and the bot's."""
        del workspace
        self._changes += 1
        if user is None:
            self._cache.clear()
        else:
            self._cache.pop(user, None)

    async def _channels(self, user: UserId | None) -> frozenset[ChannelId]:
        cached = self._cache.get(user)
        if cached and self._clock() - cached[0] < MEMBERSHIP_TTL_S:
            return cached[1]
        changes, asked_at = self._changes, self._clock()
        channels = await self._ask(user)
        if changes == self._changes:  # else somebody came or went while Slack was answering
            self._cache[user] = (asked_at, channels)
            if len(self._cache) > MAX_CACHED_PEOPLE:
                self._cache.popitem(last=False)
        return channels

    async def _ask(self, user: UserId | None) -> frozenset[ChannelId]:
        channels: set[ChannelId] = set()
        cursor = ""
        for _ in range(MAX_PAGES):
            arguments: dict[str, Any] = {
                "types": "public_channel,private_channel",
                "limit": PAGE_LIMIT,
                "exclude_archived": False,
            }
            if user is not None:
                arguments["user"] = user
            if cursor:
                arguments["cursor"] = cursor
            ask = partial(self._client.users_conversations, **arguments)
            response = await self._calls.call("users.conversations", ask)
            found: list[dict[str, Any]] = response.get("channels", [])
            channels.update(ChannelId(channel["id"]) for channel in found)
            self._names.update({ChannelId(channel["id"]): channel.get("name") or "" for channel in found})
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return frozenset(channels)
