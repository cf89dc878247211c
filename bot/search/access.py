"""Access: what one person may read. The only maker of scopes for people; fails closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from bot.domain import ChannelId, Scope, UserId, WorkspaceId
from bot.errors import OperatorError, RetryLater
from bot.ports import MembershipProvider

log = structlog.get_logger(__name__)

LOOKUP_FAILED = (
    "I could not check with Slack which channels you may read, so I searched none. Try again in a minute."
)


@dataclass(frozen=True, slots=True)
class Access:
    """A scope, and the sentence that explains it when it is empty for want of an answer.

    `names` are channels' names as Slack last told them, of more channels than the scope's.
    """

    scope: Scope
    note: str | None = None
    names: Mapping[ChannelId, str] = field(default_factory=dict, compare=False)


async def access_of(members: MembershipProvider, workspace: WorkspaceId, user: UserId) -> Access:
    """The channels that this person and the bot are both in; none when Slack doesn't say."""
    try:
        channels = await members.channels_shared_with(workspace, user)
    except (RetryLater, OperatorError) as error:
        log.warning("membership_unknown", workspace=workspace, cause=type(error).__name__)
        return Access(Scope(workspace, frozenset()), LOOKUP_FAILED)
    return Access(Scope(workspace, channels), names=members.names)


def audience_of(workspace: WorkspaceId, channel: ChannelId) -> Access:
    """What everyone who sees this channel may read: what is shared in it, and nothing else."""
    return Access(Scope(workspace, frozenset({channel})))
