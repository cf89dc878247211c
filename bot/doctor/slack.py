"""Slack: whether it knows the tokens, what they may do, what time it has, and where the bot is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from bot.app.clients import SlackClients, open_clients
from bot.doctor.clock import compared
from bot.doctor.finding import Finding, Verdict, failure
from bot.doctor.installations import address_of, installations
from bot.errors import FaultMavenError
from bot.playground.manifest import bot_scopes
from bot.providers.slack.identity import BotIdentity, ask, check_app_token, time_there
from bot.providers.slack.membership import SlackMembership
from bot.settings import Settings

SLACK_TIMEOUT_S = 20.0


async def slack(settings: Settings) -> AsyncIterator[Finding]:
    """Whether Slack knows the tokens, what they may do, and whether the bot is anywhere."""
    try:
        mode = settings.slack_mode
        if mode == "none":
            yield Finding(
                "slack", Verdict.NOTE, "no tokens: `fm` shows the demo", "README: Slack in five minutes."
            )
            return
        if settings.console_token and settings.slack_client_id:
            page = f"{address_of(settings)}/console"
            yield Finding("console", Verdict.NOTE, f"{page}; Redirect URL of the app: {page}/login/slack")
        if settings.installable:
            async with asyncio.timeout(SLACK_TIMEOUT_S):
                async for finding in installations(settings):
                    yield finding
            return
        async with asyncio.timeout(SLACK_TIMEOUT_S), open_clients(settings) as clients:
            identity = await ask(clients.read)
            where = "Socket Mode" if mode == "socket" else "HTTP"
            yield Finding("slack", Verdict.FINE, f"{identity.workspace_name}, over {where}")
            for finding in _scopes(identity):
                yield finding
            if settings.slack_app_token and mode == "socket":
                await check_app_token(clients.read, settings.slack_app_token.get_secret_value())
                yield Finding("socket", Verdict.FINE, "Slack opens a connection")
            yield compared(await time_there(clients.read))
            yield await _channels(clients, identity)
    except FaultMavenError as error:
        yield failure("slack", error)
    except TimeoutError:
        yield Finding(
            "slack", Verdict.PROBLEM, "no answer in time", "Check this machine's way to the internet."
        )


def _scopes(identity: BotIdentity) -> Iterator[Finding]:
    """What the manifest asks for and the workspace has not granted."""
    asked, optional = bot_scopes()
    missing = [scope for scope in asked if scope not in identity.scopes]
    if not missing:
        yield Finding("scopes", Verdict.FINE, "all that manifest.yml asks for")
    for scope in missing:
        yield Finding(
            "scopes",
            Verdict.WARNING if scope in optional else Verdict.PROBLEM,
            f"{scope} is missing",
            f"Add {scope} under OAuth & Permissions, then reinstall the app.",
        )


async def _channels(clients: SlackClients, identity: BotIdentity) -> Finding:
    members = SlackMembership(clients.read, home=identity.home)
    channels = await members.channels_of(identity.workspace, None)
    if channels:
        return Finding("channels", Verdict.FINE, f"in {len(channels):,}")
    return Finding("channels", Verdict.WARNING, "in none", "Invite the bot to a channel: /invite @faultmaven")
