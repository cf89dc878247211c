"""Many workspaces: which ones installed the bot, and whether their tokens work."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.app.clients import SlackClients, open_clients
from bot.app.core import open_database
from bot.app.workspaces import open_vault
from bot.doctor.clock import compared
from bot.doctor.database import nothing_yet
from bot.doctor.finding import Finding, Verdict, failure
from bot.documents.installation_tables import Installation
from bot.documents.vault import Vault
from bot.domain import WorkspaceId
from bot.errors import FaultMavenError, SettingError
from bot.playground.manifest import bot_scopes
from bot.providers.slack.identity import BotIdentity, ask, check_app_token, time_there
from bot.providers.slack.installed import opened
from bot.settings import Settings
from bot.settings.secrets import plain

MOST = 50
"""Workspaces that are asked for; each costs a call."""


async def installations(settings: Settings) -> AsyncIterator[Finding]:
    """The install page, then each workspace: its token is shown to Slack, nothing is changed or renewed."""
    page = f"{address_of(settings)}/slack/install"
    redirect = page.replace("/install", "/oauth_redirect")
    yield Finding("install page", Verdict.NOTE, f"{page}; Redirect URL of the app: {redirect}")
    vault = open_vault(settings)
    async with open_clients(settings) as clients:
        if app_token := plain(settings.slack_app_token):
            await check_app_token(clients.read, app_token)
            yield Finding("socket", Verdict.FINE, "Slack opens a connection")
        rows, names = ([], {}) if nothing_yet(settings) else await _installed(settings)
        if not rows:
            yield Finding("workspaces", Verdict.NOTE, "none installed the bot yet", f"Open {page}")
        if len(rows) == MOST:
            yield Finding("workspaces", Verdict.NOTE, f"only the first {MOST} are looked at")
        look = _Look(clients, vault, page)
        for row in rows:
            name = f"workspace {names.get(row.workspace_id, '')} ({row.workspace_id})"
            for finding in await look.at(row, name):
                yield finding


def address_of(settings: Settings) -> str:
    """Where browsers reach the bot."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


async def _installed(settings: Settings) -> tuple[Sequence[Installation], dict[str, str]]:
    """Where the bot is installed, and how the workspaces are called."""
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        rows = await tx.installations.after("", MOST)
        return rows, {row.id: row.name or "" for row in await tx.workspaces.all()}


@dataclass(slots=True)
class _Look:
    clients: SlackClients
    vault: Vault
    page: str
    clock_told: bool = False

    async def at(self, row: Installation, name: str) -> Sequence[Finding]:
        """What is to be said of one installation."""
        try:
            token = opened(self.vault, row).tokens.bot
        except FaultMavenError as error:  # the key's fault: tokens of other workspaces may open
            return [failure(name, error)]
        if row.expires_at is not None and row.expires_at <= time.time():
            fix = f"Start the bot, which renews it; if that fails, install it there again: {self.page}"
            return [Finding(name, Verdict.WARNING, "its token has run out", fix)]
        client = self.clients.once(token)
        try:
            found = await ask(client)
            told = [] if self.clock_told else [compared(await time_there(client))]
        except SettingError as error:
            said = error.public_message.removeprefix(f"{error.name}: ")
            return [Finding(name, Verdict.PROBLEM, said, self._again)]
        except FaultMavenError as error:
            return [failure(name, error)]
        self.clock_told = True
        return [*told, self._granted(row, name, found)]

    def _granted(self, row: Installation, name: str, found: BotIdentity) -> Finding:
        needed, optional = bot_scopes()
        missing = sorted(set(needed) - found.scopes)
        if found.workspace != WorkspaceId(row.workspace_id):
            return Finding(name, Verdict.PROBLEM, "its token is another workspace's", self._again)
        if missing:
            verdict = Verdict.WARNING if optional.issuperset(missing) else Verdict.PROBLEM
            return Finding(name, verdict, f"lacks {', '.join(missing)}", self._again)
        return Finding(name, Verdict.FINE, "its token works")

    @property
    def _again(self) -> str:
        return f"Install it there again: {self.page}"
