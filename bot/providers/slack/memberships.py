"""Who is where, in each workspace by its own token. What is known of one is never asked for another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain import ChannelId, Person, Places, UserId, WorkspaceId
from bot.providers.slack.membership import SlackMembership


class SlackMemberships:
    """`ports.MembershipProvider` made of one per workspace; `membership_of` makes it when first needed."""

    def __init__(
        self,
        membership_of: Callable[[WorkspaceId], SlackMembership],
        *,
        on_forget: Callable[[WorkspaceId, UserId | None], None] = lambda _workspace, _user: None,
    ) -> None:
        self._membership_of = membership_of
        self._on_forget = on_forget
        self._known: dict[WorkspaceId, SlackMembership] = {}

    def names_of(self, workspace: WorkspaceId) -> Mapping[ChannelId, str]:
        """As that workspace was last told them."""
        return self._of(workspace).names_of(workspace)

    async def person(self, workspace: WorkspaceId, user: UserId) -> Person:
        """As the port says."""
        return await self._of(workspace).person(workspace, user)

    async def channels_of(self, workspace: WorkspaceId, user: UserId | None) -> Places:
        """As the port says."""
        return await self._of(workspace).channels_of(workspace, user)

    async def members_only(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        """As the port says."""
        return await self._of(workspace).members_only(workspace, channel)

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """As the port says."""
        self.drop(workspace, user)
        self._on_forget(workspace, user)

    def drop(self, workspace: WorkspaceId | None, user: UserId | None = None) -> None:
        """Forget what is remembered here, without telling anybody; of all workspaces without one."""
        for known, membership in list(self._known.items()):
            if workspace in {None, known}:
                membership.drop(known, user)

    def _of(self, workspace: WorkspaceId) -> SlackMembership:
        if workspace not in self._known:
            self._known[workspace] = self._membership_of(workspace)
        return self._known[workspace]
