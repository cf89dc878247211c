"""Slack as the one who knows which channels a person is in, and what they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, Person, Place, Places, Standing, UserId, WorkspaceId
from bot.errors import OperatorError
from bot.providers.slack.calls import Calls
from bot.providers.slack.people import SlackPeople
from bot.providers.slack.remembered import Remembered

MEMBERSHIP_TTL_S = 60.0
PAGE_LIMIT = 999
MAX_PAGES = 20
"""Slack allows 1,000 channels a page; a person in more than 20,000 gets the first 20,000."""
MAX_COMPANY = 50
"""A channel of more people is not looked through: each of them may cost a call of 100 a minute."""
Home = Callable[[], Awaitable[WorkspaceId]]


class SlackMembership:
    """`ports.MembershipProvider` on `users.conversations`, remembered for a minute.

    Slack lists for a person the public channels they are in and the private ones they share with
    the bot; the bot's own list is intersected, so that a channel it left counts no longer. `home` says
    of which workspace the client's token is: of any other one nothing is known, whoever asks.

    `on_forget` tells other processes what `forget` was told; `hears` says whether what they tell arrives:
    while it doesn't, nothing remembered is used.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        home: Home,
        calls: Calls | None = None,
        clock: Callable[[], float] = time.monotonic,
        hears: Callable[[], bool] = lambda: True,
        on_forget: Callable[[WorkspaceId, UserId | None], None] = lambda _workspace, _user: None,
    ) -> None:
        self._client = client
        self._home = home
        self._calls = calls or Calls()
        self._people = SlackPeople(client, self._calls, clock=clock, usable=hears)
        self._places: Remembered[UserId | None, Places] = Remembered(MEMBERSHIP_TTL_S, clock, hears)
        self._members_only: Remembered[ChannelId, bool] = Remembered(MEMBERSHIP_TTL_S, clock, hears)
        self._on_forget = on_forget
        self._names: dict[ChannelId, str] = {}

    def names_of(self, workspace: WorkspaceId) -> Mapping[ChannelId, str]:
        """The names of all channels that Slack has listed, each as it was last told."""
        del workspace  # one token, one workspace: see SlackMemberships
        return self._names

    async def person(self, workspace: WorkspaceId, user: UserId) -> Person:
        """What somebody is. Raises when Slack doesn't answer; nothing is assumed."""
        if workspace != await self._home():
            return Person(Standing.ELSEWHERE)
        return await self._people.get(workspace, user)

    async def channels_of(self, workspace: WorkspaceId, user: UserId | None) -> Places:
        """Channels of this person and the bot, without a person the bot's. Raises as `person`."""
        await self._at_home(workspace)
        ours = await self._remembered(None)
        if user is None:
            return ours
        theirs = await self._remembered(user)
        return {channel: place for channel, place in theirs.items() if channel in ours}

    async def members_only(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        """Whether everybody in a channel is a full member, bots aside; False for more than MAX_COMPANY."""
        await self._at_home(workspace)
        return await self._members_only.get(channel, lambda: self._look_through(workspace, channel))

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """Drop what is known of one person, or (without a person) of everybody and the bot; everywhere."""
        self.drop(workspace, user)
        self._on_forget(workspace, user)

    def drop(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """The same in this process alone."""
        del workspace
        self._people.forget(user)
        self._places.drop(lambda known: user is None or known == user)
        self._members_only.drop(lambda _: True)

    async def _at_home(self, workspace: WorkspaceId) -> None:
        if workspace != await self._home():
            raise OperatorError("I am not installed in that workspace")

    async def _look_through(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        ask = partial(self._client.conversations_members, channel=channel, limit=MAX_COMPANY + 1)
        response = await self._calls.call("conversations.members", ask)
        members: list[str] = response.get("members", [])
        if len(members) > MAX_COMPANY or _cursor(response):
            return False
        people = await asyncio.gather(*(self._people.get(workspace, UserId(one)) for one in members))
        return all(one.standing in {Standing.MEMBER, Standing.BOT} for one in people)

    async def _remembered(self, user: UserId | None) -> Places:
        return await self._places.get(user, lambda: self._list(user))

    async def _list(self, user: UserId | None) -> Places:
        places: Places = {}
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
            places |= {ChannelId(said["id"]): place(said) for said in found}
            cursor = _cursor(response)
            if not cursor:
                break
        self._names.update({channel: one.name for channel, one in places.items()})
        return places


def place(said: dict[str, Any]) -> Place:
    """A conversation object of Slack's."""
    shared = any(
        said.get(f"is_{how}") for how in ("shared", "ext_shared", "org_shared", "pending_ext_shared")
    )
    return Place(
        name=said.get("name") or "",
        is_private=said.get("is_private"),
        is_shared=shared if said.get("is_ext_shared") is not None else None,
    )


def _cursor(response: Any) -> str:  # noqa: ANN401  # the SDK's response, a mapping that isn't one
    return (response.get("response_metadata") or {}).get("next_cursor") or ""
