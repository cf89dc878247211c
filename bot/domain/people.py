"""Who asks and where: what Slack says of people and channels, on which access is decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import ChannelId, UserId, WorkspaceId


class Standing(StrEnum):
    """What somebody is in a workspace of ours."""

    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "stranger"
    """Of another company, or of another workspace of the same organization."""
    BOT = "bot"
    GONE = "gone"
    """Deactivated."""
    ELSEWHERE = "elsewhere"
    """They ask in the name of a workspace in which we are not installed."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as Slack describes them. Admins are full members; it opens no file to them.

    `tz` is the name of their time zone (`Europe/Berlin`), "" where it isn't known. `names` begin with the
    one that nobody else in the workspace has.
    """

    standing: Standing
    is_admin: bool = False
    tz: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signed in with Slack: it says that they are this person, and nothing of what they may do."""

    workspace: WorkspaceId
    user: UserId


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, as Slack describes it; None is what Slack left out, and opens nothing.

    `is_shared`: with another company or workspace, or about to be.
    """

    name: str = ""
    is_private: bool | None = None
    is_shared: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether every full member of the workspace could join it, and nobody from elsewhere is there."""
        return self.is_private is False and self.is_shared is False


Places = dict[ChannelId, Place]
