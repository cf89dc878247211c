"""Access: what one person, one key, or everybody in a channel, may read. The only maker of scopes for these.

It fails closed: what Slack doesn't say opens nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from bot.domain import (
    API_WORKSPACE,
    ApiKey,
    ChannelId,
    Person,
    Places,
    Scope,
    Standing,
    UserId,
    WorkspaceId,
    WorkspaceSettings,
)
from bot.errors import FaultMavenError, RetryLater
from bot.ports import MembershipProvider

log = structlog.get_logger(__name__)

LOOKUP_FAILED = (
    "I could not check with Slack which channels you may read, so I searched none. Try again in a minute."
)
NO_READER = {
    Standing.BOT: "I answer people, not apps and bots.",
    Standing.GONE: "I answer only people whose account is active.",
    Standing.ELSEWHERE: "I answer only in the workspace in which I am installed.",
}
"""Who may read nothing, and how they are told."""
ASKED_AT_ONCE = 8
"""Of Slack, for names."""

Called = Callable[[Sequence[UserId]], Awaitable[Mapping[UserId, tuple[str, ...]]]]
"""The names of people, none of whom Slack doesn't know. Raises RetryLater."""


@dataclass(frozen=True, slots=True)
class Access:
    """A scope, and the sentence that explains it when it is empty for another reason than membership.

    `names` are channels' names as Slack last told them, of more channels than the scope's. `zone` is
    where the asker's days begin and end. `called` says how people are called.
    """

    scope: Scope
    note: str | None = None
    names: Mapping[ChannelId, str] = field(default_factory=dict, compare=False)
    zone: tzinfo = field(default=UTC, compare=False)
    called: Called | None = field(default=None, compare=False)

    def today(self) -> date:
        """What day it is for the asker."""
        return datetime.now(self.zone).date()


async def access_of(
    members: MembershipProvider, settings: WorkspaceSettings, workspace: WorkspaceId, user: UserId
) -> Access:
    """The channels that this person and the bot are both in; none when Slack doesn't say.

    With the setting `public`, full members may also read the public channels that the bot is in. People
    of other companies read only channels that are shared with them, whatever else Slack lists.
    """
    try:
        person = await members.person(workspace, user)
        if note := NO_READER.get(person.standing):
            return Access(_nothing(workspace), note)
        places = await members.channels_of(workspace, user)
        if settings.public and person.standing is Standing.MEMBER:
            places = _open_places(await members.channels_of(workspace, None)) | places
    except FaultMavenError as error:
        log.warning("membership_unknown", workspace=workspace, cause=type(error).__name__)
        return Access(_nothing(workspace), LOOKUP_FAILED)
    scope = _scope(workspace, settings, _readable_by(person, places))
    return Access(
        scope,
        names=members.names_of(workspace),
        zone=_zone(person.tz),
        called=partial(_names_of, members, workspace),
    )


async def audience_of(
    members: MembershipProvider, settings: WorkspaceSettings, workspace: WorkspaceId, channel: ChannelId
) -> Access:
    """What everyone who sees this channel may read: what is shared in it.

    With the setting `public` also what is in public channels, unless somebody here is no full member or
    the channel is shared with another company; when Slack doesn't say, it is neither.
    """
    called = partial(_names_of, members, workspace)
    own = Access(_scope(workspace, settings, {channel}), called=called)
    if not settings.public:
        return own
    try:
        places = await members.channels_of(workspace, None)
        here = places.get(channel)
        if here is None or here.is_shared is not False or not await members.members_only(workspace, channel):
            return own
    except FaultMavenError as error:
        log.warning("audience_unknown", workspace=workspace, cause=type(error).__name__)
        return own
    return Access(
        _scope(workspace, settings, {channel, *_open_places(places)}),
        names=members.names_of(workspace),
        called=called,
    )


def access_of_key(key: ApiKey, now: float) -> Access:
    """The spaces that a key reads, none once it is no good; a channel never is in its workspace."""
    spaces = frozenset(key.spaces) if key.is_good(now) else frozenset()
    return Access(Scope(API_WORKSPACE, spaces), names=key.spaces)


async def _names_of(
    members: MembershipProvider, workspace: WorkspaceId, users: Sequence[UserId]
) -> Mapping[UserId, tuple[str, ...]]:
    turn = asyncio.Semaphore(ASKED_AT_ONCE)

    async def names_of(user: UserId) -> tuple[str, ...]:
        try:
            async with turn:
                return (await members.person(workspace, user)).names
        except RetryLater:
            raise
        except FaultMavenError as error:
            log.warning("name_unknown", workspace=workspace, cause=type(error).__name__)
            return ()

    return dict(zip(users, await asyncio.gather(*map(names_of, users)), strict=True))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # or a machine that knows no time zones
        return UTC


def _readable_by(person: Person, places: Places) -> set[ChannelId]:
    if person.standing is Standing.STRANGER:
        return {channel for channel, place in places.items() if place.is_shared is True}
    return set(places)


def _open_places(places: Places) -> Places:
    return {channel: place for channel, place in places.items() if place.is_open}


def _scope(workspace: WorkspaceId, settings: WorkspaceSettings, channels: set[ChannelId]) -> Scope:
    return Scope(workspace, frozenset(channels) - settings.ignored)


def _nothing(workspace: WorkspaceId) -> Scope:
    return Scope(workspace, frozenset())
