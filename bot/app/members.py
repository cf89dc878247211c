"""Who is where, remembered by each replica: what one forgets the others forget, too."""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.app.notices import Notices, Topic
from bot.domain import UserId, WorkspaceId
from bot.providers.slack.calls import Calls
from bot.providers.slack.membership import Home, SlackMembership
from bot.providers.slack.memberships import SlackMemberships


def remembered_members(client: AsyncWebClient, calls: Calls, home: Home, notices: Notices) -> SlackMembership:
    """While it isn't heard what others tell, nothing remembered is used, and all of it is dropped then."""

    def tell(workspace: WorkspaceId, user: UserId | None) -> None:
        notices.tell(Topic.FORGET, workspace, user or "")

    def told(workspace: str, user: str) -> None:
        members.drop(WorkspaceId(workspace), UserId(user) if user else None)

    members = SlackMembership(client, home=home, calls=calls, hears=notices.hears, on_forget=tell)
    notices.on(Topic.FORGET, told)
    notices.on_gap(lambda: told("", ""))
    return members


def members_of_many(
    membership_of: Callable[[WorkspaceId], SlackMembership],
    notices: Notices,
    drop_installation: Callable[[WorkspaceId | None], None],
) -> SlackMemberships:
    """The same for many workspaces; who we are in one is forgotten with what everybody may read there."""

    def tell(workspace: WorkspaceId, user: UserId | None) -> None:
        if user is None:
            drop_installation(workspace)
        notices.tell(Topic.FORGET, workspace, user or "")

    def told(workspace: str, user: str) -> None:
        members.drop(WorkspaceId(workspace) if workspace else None, UserId(user) if user else None)
        if not user:
            drop_installation(WorkspaceId(workspace) if workspace else None)

    members = SlackMemberships(membership_of, on_forget=tell)
    notices.on(Topic.FORGET, told)
    notices.on_gap(lambda: told("", ""))
    return members
