"""Slack, as the pipelines and the edge need it: who is where, and messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bot.domain import ChannelId, DocumentId, Person, Places, UserId, WorkspaceId

Suggestion = dict[str, str]
"""A question to choose: `title` is shown, `message` is said in the person's name."""
Content = dict[str, Any]
"""What Slack shows of a message: `text` (always, it is what notifications read) and `blocks`."""


class MembershipProvider(Protocol):
    """Who is where; the only source of scopes for people."""

    def names_of(self, workspace: WorkspaceId) -> Mapping[ChannelId, str]:
        """The names of channels as that workspace was last told them; some may be missing."""
        ...

    async def person(self, workspace: WorkspaceId, user: UserId) -> Person:
        """What somebody is in that workspace. Raises rather than guesses."""
        ...

    async def channels_of(self, workspace: WorkspaceId, user: UserId | None) -> Places:
        """The channels that this person and the bot are both in; without a person, the bot's. Raises too."""
        ...

    async def members_only(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        """Whether everybody in a channel is a full member, bots aside; False when that can't be said.

        Raises likewise.
        """
        ...

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """Drop what is cached for one person, or for the whole workspace."""
        ...


class MessageStream(Protocol):
    """One message that grows. Slack ends it after about five minutes; `edit` can still complete it."""

    ts: str | None
    """Of the message, once it is there."""

    async def append(self, text: str) -> None:
        """Add at most 12,000 characters of markdown. Not repeatable. Raises MessageRefused once it ended."""
        ...

    async def stop(self, blocks: Sequence[Content], mark: str) -> None:
        """End it, with blocks below and a mark for `find`. Raises MessageRefused when it has ended."""
        ...


class MessagePoster(Protocol):
    """Posts in channels. `content` holds `text` and `blocks`. Raises MessageRefused when it is in vain."""

    async def post(self, channel: ChannelId, thread_ts: str | None, content: Content, mark: str) -> str:
        """Post once; the new message's `ts`. Not repeatable: look for `mark` with `find` first."""
        ...

    async def find(
        self, channel: ChannelId, thread_ts: str, mark: str, *, after: str | None = None
    ) -> str | None:
        """The `ts` of our message with that mark in a thread, or None (also when we may not look).

        With `after`, a message's ts, only what is younger is looked at, and a stream of ours that was
        never stopped, and so has no mark yet, is taken for it.
        """
        ...

    async def show_status(self, channel: ChannelId, thread_ts: str, words: str) -> None:
        """Tell a thread what we are doing, and let people stop it; "" ends it. A courtesy: never raises."""
        ...

    async def suggest(self, channel: ChannelId, prompts: Sequence[Suggestion]) -> None:
        """Offer at most four questions in a direct conversation. A courtesy: never raises. Repeatable."""
        ...

    def stream(
        self, workspace: WorkspaceId, channel: ChannelId, thread_ts: str, reader: UserId
    ) -> MessageStream:
        """A reply that is read while it is written; nothing is sent before the first words."""
        ...

    async def publish_home(self, user: UserId, blocks: Sequence[Content]) -> None:
        """Show one person the app's own page. Repeatable."""
        ...

    async def end_stream(self, channel: ChannelId, ts: str) -> None:
        """See to it that a message of ours is no open stream. Repeatable."""
        ...

    async def edit(self, channel: ChannelId, ts: str, content: Content) -> None:
        """Replace a message of ours. Repeatable."""
        ...

    async def post_ephemeral(
        self, channel: ChannelId, user: UserId, thread_ts: str | None, content: Content
    ) -> None:
        """Show a message to one person only."""
        ...


PosterOf = Callable[[WorkspaceId], MessagePoster]
"""Who posts in a workspace: each has a bot user and a token of its own."""


class StatusListener(Protocol):
    """Told after each committed change of a document, to bring what people see up to date."""

    def document_changed(self, document_id: DocumentId) -> None:
        """Must return at once and never raise."""
        ...
