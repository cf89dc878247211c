"""Where we are installed: each workspace's token from the database, remembered for a moment."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.documents.installation_tables import Installation
from bot.documents.repository import Transaction
from bot.documents.vault import Vault
from bot.domain import UserId, WorkspaceId
from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable
from bot.providers.slack.oauth import Grant, SlackOAuth, Tokens
from bot.providers.slack.remembered import Remembered

log = structlog.get_logger(__name__)

TTL_S = 60.0
REFRESH_BEFORE_S = 7_200.0
"""Slack's rotated tokens last twelve hours; two are enough to outlast an outage of its."""
LEASE_S = 30.0
CHECKED = 100
BOT, REFRESH = "bot token", "refresh token"
"""What the vault is told a sealed text is for."""


class NotInstalled(OperatorError):
    """The workspace never installed us, or uninstalled us."""

    def __init__(self) -> None:
        super().__init__("I am not installed in that workspace", "Somebody there opens my install page.")


@dataclass(frozen=True, slots=True)
class Installed:
    """Who we are in one workspace, and with which tokens."""

    workspace: WorkspaceId
    enterprise_id: str | None
    bot_user: UserId
    bot_id: str | None
    tokens: Tokens


class Installations:
    """Fails closed: where the database can't be read, nobody is who they were a minute ago.

    `hears` says whether it is heard what other replicas tell: while it isn't, nothing is remembered.
    """

    def __init__(
        self,
        transaction: Transaction,
        vault: Vault,
        oauth: SlackOAuth,
        *,
        hears: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transaction = transaction
        self._vault = vault
        self._oauth = oauth
        self._clock = clock
        self._known: Remembered[WorkspaceId, Installed] = Remembered(TTL_S, usable=hears)
        self._refreshing: defaultdict[WorkspaceId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, workspace: WorkspaceId) -> Installed:
        """Raises NotInstalled, SettingError for a key that doesn't fit, RetryLater."""
        found = await self._known.get(workspace, partial(self._read, workspace))
        if not self._runs_out(found.tokens):
            return found
        async with self._refreshing[workspace]:
            return await self._refreshed(workspace)

    async def token(self, workspace: WorkspaceId) -> str:
        """The bot's token there, as of now. Raises as `get`."""
        return (await self.get(workspace)).tokens.bot

    async def check(self) -> None:
        """Raise SettingError when the keys don't open what is kept; of very many the first are tried."""
        async with self._transaction(reading=True) as tx:
            rows = await tx.installations.after("", CHECKED)
        for row in rows:
            opened(self._vault, row)

    async def keep(self, grant: Grant) -> None:
        """Slack gave us a workspace, perhaps again: it is installed from now on. Repeatable."""
        workspace, now = grant.workspace, self._clock()
        async with self._transaction() as tx:
            await tx.workspaces.ensure(
                workspace,
                now=now,
                name=grant.workspace_name,
                domain=grant.workspace_url,
                bot_user_id=grant.bot_user,
                bot_id=grant.bot_id,
            )
            await tx.installations.save(
                workspace,
                enterprise_id=grant.enterprise_id,
                app_id=grant.app_id,
                bot_user_id=grant.bot_user,
                bot_id=grant.bot_id,
                installed_by=grant.installed_by,
                scopes=sorted(grant.scopes),
                installed_at=now,
                expires_at=grant.tokens.expires_at,
                token=self._vault.seal(grant.tokens.bot, BOT, workspace),
                refresh_token=self._sealed_refresh(grant.tokens, workspace),
            )
        self.drop(workspace)
        log.info("workspace_installed", workspace=workspace)

    def drop(self, workspace: WorkspaceId | None = None) -> None:
        """Read it anew when it is next needed; all of them without one."""
        self._known.drop(lambda known: workspace in {None, known})

    async def _read(self, workspace: WorkspaceId) -> Installed:
        return opened(self._vault, await self._row(workspace))

    async def _row(self, workspace: WorkspaceId) -> Installation:
        async with self._transaction(reading=True) as tx:
            row = await tx.installations.get(workspace)
        if row is None:
            raise NotInstalled
        return row

    def _runs_out(self, tokens: Tokens) -> bool:
        return tokens.expires_at is not None and tokens.expires_at - self._clock() < REFRESH_BEFORE_S

    async def _refreshed(self, workspace: WorkspaceId) -> Installed:
        """Of all replicas one asks Slack; meanwhile the old token serves as long as it is good."""
        row = await self._row(workspace)
        old, now = opened(self._vault, row), self._clock()
        if old.tokens.refresh is None or not self._runs_out(old.tokens):
            self.drop(workspace)
            return old
        async with self._transaction() as tx:
            mine = await tx.installations.lease(row, now=now, until=now + LEASE_S)
        try:
            if not mine:
                raise ProviderUnavailable("the bot's token is being renewed")
            new = await self._oauth.refresh(old.tokens.refresh)
        except FaultMavenError as error:
            if old.tokens.expires_at and old.tokens.expires_at > now:
                log.info("token_not_renewed_yet", workspace=workspace, cause=error.public_message)
                return old
            raise
        async with self._transaction() as tx:
            await tx.installations.renew(
                row,
                token=self._vault.seal(new.bot, BOT, workspace),
                refresh_token=self._sealed_refresh(new, workspace),
                expires_at=new.expires_at,
            )
        self.drop(workspace)
        log.info("token_renewed", workspace=workspace)
        return await self._read(workspace)

    def _sealed_refresh(self, tokens: Tokens, workspace: WorkspaceId) -> str | None:
        return self._vault.seal(tokens.refresh, REFRESH, workspace) if tokens.refresh else None


def opened(vault: Vault, row: Installation) -> Installed:
    """A row with its tokens in plain. Raises SettingError."""
    workspace = WorkspaceId(row.workspace_id)
    refresh = vault.open(row.refresh_token, REFRESH, workspace) if row.refresh_token else None
    tokens = Tokens(vault.open(row.token, BOT, workspace), refresh, row.expires_at)
    return Installed(workspace, row.enterprise_id, UserId(row.bot_user_id), row.bot_id, tokens)


async def reseal_all(transaction: Transaction, vault: Vault, batch: int = 50) -> int:
    """Put every token under the first key; how many workspaces' were under another. Repeatable, resumable."""
    changed, last = 0, ""
    while True:
        async with transaction() as tx:
            rows = await tx.installations.after(last, batch)
            for row in rows:
                last = row.workspace_id
                if all(vault.is_newest(one) for one in (row.token, row.refresh_token) if one):
                    continue
                found, workspace = opened(vault, row), WorkspaceId(row.workspace_id)
                refresh = found.tokens.refresh
                changed += await tx.installations.reseal(
                    row,
                    vault.seal(found.tokens.bot, BOT, workspace),
                    vault.seal(refresh, REFRESH, workspace) if refresh else None,
                )
        if not rows:
            return changed
