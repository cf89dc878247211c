"""What a workspace is made of. Plain values that `Workspace` alone changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""A JSON object as Slack sends or takes it."""


class WorkspaceError(Exception):
    """Slack would refuse this. `code` is Slack's own word for it, `message` a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class User:
    """A person or a bot. `team_id` differs from the workspace's for people of another company."""

    id: str
    name: str
    real_name: str
    team_id: str
    color: str
    is_bot: bool = False
    is_guest: bool = False
    is_admin: bool = False
    is_owner: bool = False
    deleted: bool = False
    bot_id: str | None = None
    tz: str = "Europe/London"


@dataclass(slots=True)
class Channel:
    """A conversation; `im_user` is the person of a direct conversation with the bot."""

    id: str
    name: str
    created: int
    creator: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    im_user: str | None = None
    is_ext_shared: bool = False
    is_archived: bool = False
    topic: str = ""

    @property
    def kind(self) -> str:
        """Slack's `channel_type` in message events: `im`, `group` (private) or `channel`."""
        if self.im_user:
            return "im"
        return "group" if self.is_private else "channel"


@dataclass(slots=True)
class Message:
    """A message, or an ephemeral one when `only_for` names who sees it.

    `thread_ts` is the root's ts in a reply, None at top level. `files` are file ids.
    """

    ts: str
    channel: str
    user: str
    text: str
    thread_ts: str | None = None
    blocks: list[Json] | None = None
    streaming: bool = False
    files: list[str] = field(default_factory=list)
    metadata: Json | None = None
    bot_id: str | None = None
    only_for: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    subtype: str | None = None

    @property
    def thread(self) -> str:
        """The ts of the root of the thread this message is in, its own when it is the root."""
        return self.thread_ts or self.ts


@dataclass(frozen=True, slots=True)
class Share:
    """A file's appearance in one message of one channel."""

    channel: str
    ts: str
    thread_ts: str | None
    user: str


@dataclass(slots=True)
class File:
    """A file with its bytes. One with `mode="external"` lies elsewhere and has no bytes here.

    `transcript` is Slack's of a recording, in WebVTT; `details` are fields of its object that only some have.
    """

    id: str
    name: str
    title: str
    mimetype: str
    filetype: str
    pretty_type: str
    user: str
    user_team: str
    data: bytes
    created: int
    updated: int
    mode: str = "hosted"
    transcript: bytes | None = None
    details: Json = field(default_factory=dict)
    deleted: bool = False
    shares: list[Share] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SharedFile:
    """What sharing a file gave: the file and the ts of the message it is in."""

    file_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class Event:
    """A happening that Slack tells apps of. `body` is the inner event.

    `subscription` is the name in the manifest (`message.channels` for a message in a public
    channel), `channels` where it happened (empty: it concerns the whole workspace), `actor_team`
    the team of who did it. `after_leaving` marks what is told although the bot is no longer in.
    """

    subscription: str
    body: Json
    channels: tuple[str, ...] = ()
    actor_team: str | None = None
    after_leaving: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What the page is told: what kind of thing changed where. `only_for` limits who may know."""

    type: str
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    only_for: str | None = None
