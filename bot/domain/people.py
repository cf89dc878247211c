"""Who asks and where: what Slack says of people and channels, on which access is decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import ChannelId


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
    """Somebody, as Slack describes them. Admins are full members; it opens no file to them."""

    standing: Standing
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, as Slack describes it. The defaults are the narrow ones, for what Slack leaves out.

    `is_shared`: with another company or workspace, or about to be.
    """

    name: str = ""
    is_private: bool = True
    is_shared: bool = True

    @property
    def is_open(self) -> bool:
        """Whether every full member of the workspace could join it, and nobody from elsewhere is there."""
        return not (self.is_private or self.is_shared)


Places = dict[ChannelId, Place]
