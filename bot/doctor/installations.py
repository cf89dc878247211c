"""Many workspaces: which ones installed the bot, and whether their tokens work."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.app.clients import open_clients
from bot.app.core import open_database
from bot.app.workspaces import open_vault
from bot.doctor.finding import Finding, Verdict, failure
from bot.domain import WorkspaceId
from bot.errors import FaultMavenError
from bot.playground.manifest import bot_scopes
from bot.providers.slack.identity import ask
from bot.providers.slack.installed import opened
from bot.settings import Settings

MOST = 50
"""Workspaces that are asked for; each costs a call."""


async def installations(settings: Settings) -> AsyncIterator[Finding]:
    """The install page, then each workspace: its token is shown to Slack, nothing is changed or renewed."""
    page = f"{settings.public_url or f'http://{settings.host}:{settings.port}'}/slack/install"
    redirect = page.replace("/install", "/oauth_redirect")
    yield Finding("install page", Verdict.NOTE, f"{page}; Redirect URL of the app: {redirect}")
    vault = open_vault(settings)
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        rows = await tx.installations.after("", MOST)
        names = {row.id: row.name for row in await tx.workspaces.all()}
    if not rows:
        yield Finding("workspaces", Verdict.NOTE, "none installed the bot yet", f"Open {page}")
    needed, optional = bot_scopes()
    async with open_clients(settings) as clients:
        for row in rows:
            name = f"workspace {names.get(row.workspace_id) or row.workspace_id}"
            try:
                token = opened(vault, row).tokens.bot
                found = await ask(clients.once(token))
            except FaultMavenError as error:
                said = failure(name, error)
                yield Finding(name, Verdict.PROBLEM, said.found, f"Install it there again: {page}")
                continue
            missing = sorted(set(needed) - optional - found.scopes)
            if missing or found.workspace != WorkspaceId(row.workspace_id):
                yield Finding(
                    name, Verdict.PROBLEM, f"lacks {', '.join(missing)}", f"Install it there again: {page}"
                )
            else:
                yield Finding(name, Verdict.FINE, "its token works")
