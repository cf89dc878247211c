"""Slack as the one who knows what somebody is: `users.info`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import Person, Standing, UserId, WorkspaceId
from bot.providers.slack.calls import Calls
from bot.providers.slack.remembered import Remembered

PERSON_TTL_S = 300.0
"""`user_change` drops it earlier."""
MAX_NAME_CHARS = 80
"""As Slack has it."""


class SlackPeople:
    """`users.info` (Tier 4, scope users:read), remembered for five minutes."""

    def __init__(
        self,
        client: AsyncWebClient,
        calls: Calls,
        *,
        clock: Callable[[], float] = time.monotonic,
        usable: Callable[[], bool] = lambda: True,
    ) -> None:
        self._client = client
        self._calls = calls
        self._known: Remembered[UserId, Person] = Remembered(PERSON_TTL_S, clock, usable)

    async def get(self, workspace: WorkspaceId, user: UserId) -> Person:
        """What somebody is in that workspace, the client's own. Raises when Slack doesn't say."""

        async def ask() -> Person:
            asked = partial(self._client.users_info, user=user)
            response = await self._calls.call("users.info", asked)
            said = response.get("user") or {}
            return replace(person(said, workspace), names=names(said))

        return await self._known.get(user, ask)

    def forget(self, user: UserId | None) -> None:
        """Drop what is known of one person, or of everybody."""
        self._known.drop(lambda known: user is None or known == user)


def names(said: dict[str, Any]) -> tuple[str, ...]:
    """The names in a user object of Slack's: for `@`, as it is shown, in full; each once."""
    profile = said.get("profile") or {}
    given = (said.get("name"), profile.get("display_name"), profile.get("real_name") or said.get("real_name"))
    return tuple(dict.fromkeys(str(name)[:MAX_NAME_CHARS] for name in given if name))


def person(said: dict[str, Any], workspace: WorkspaceId) -> Person:
    """A user object of Slack's, read narrowly: a member is only who is surely one.

    In an organization (Enterprise Grid) a person's `team_id` may be another of its workspaces; they are
    ours when `enterprise_user.teams` names this one, too.
    """
    teams = {said.get("team_id"), *((said.get("enterprise_user") or {}).get("teams") or ())}
    if said.get("is_bot") or said.get("is_workflow_bot") or said.get("is_connector_bot"):
        return Person(Standing.BOT)
    if said.get("deleted") is not False:
        return Person(Standing.GONE)
    tz = str(said.get("tz") or "")
    if said.get("is_stranger") or workspace not in teams:
        return Person(Standing.STRANGER, tz=tz)
    if said.get("is_restricted") is not False or said.get("is_ultra_restricted") is not False:
        return Person(Standing.GUEST, tz=tz)
    return Person(Standing.MEMBER, bool(said.get("is_admin") or said.get("is_owner")), tz)
