"""Which visitors may look, and at what: admins of a workspace that has us, at what is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.documents.repository import Transaction
from bot.domain import Scope, Visitor
from bot.errors import OperatorError, PersonError
from bot.jobs.causes import causes
from bot.ports import MembershipProvider
from bot.search.access import access_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """Asks Slack with the bot's token; what it said counts for five minutes, unless it tells of a change."""

    members: MembershipProvider
    transaction: Transaction

    async def newly_admits(self, visitor: Visitor) -> bool:
        """As `admits`, by what Slack says now."""
        self.members.forget(visitor.workspace, visitor.user)
        return await self.admits(visitor)

    async def admits(self, visitor: Visitor) -> bool:
        """Whether they are an admin or owner of a workspace that has us. Raises RetryLater."""
        async with self.transaction(reading=True) as tx:
            found = await tx.workspaces.get(visitor.workspace)
        if found is None or found.uninstalled_at is not None:
            return False
        try:
            return (await self.members.person(visitor.workspace, visitor.user)).is_admin
        except (OperatorError, PersonError) as error:  # a dead token, or no such person
            log.info("console_visitor_unknown", workspace=visitor.workspace, causes=causes(error))
            return False

    async def scope(self, visitor: Visitor) -> Scope:
        """What they may read themselves: titles of other files are not for admins, either."""
        async with self.transaction(reading=True) as tx:
            settings = await tx.workspaces.settings(visitor.workspace)
        return (await access_of(self.members, settings, visitor.workspace, visitor.user)).scope


class SignIn(Protocol):
    """Who asks Slack. Each may raise SignInRefused, OperatorError, RetryLater."""

    async def begin(self, browser: str, redirect_uri: str) -> str:
        """Slack's page to go to."""
        ...

    async def give_up(self, browser: str, state: str) -> None:
        """Somebody said no there."""
        ...

    async def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> Visitor:
        """Somebody said yes there."""
        ...


@dataclass(frozen=True, slots=True)
class WithSlack:
    """`public_url` as `base_of` takes it."""

    sign_in: SignIn
    gate: Gate
    public_url: str | None
    slack_url: str
