"""Delivery: whether events would reach the bot, tried the way in which Slack delivers them."""

from __future__ import annotations

from bot.app.clients import open_clients
from bot.doctor.finding import Finding, Verdict, failure
from bot.errors import FaultMavenError, ProviderUnavailable
from bot.providers.slack.reach import greeted, takes_signed
from bot.settings import Settings
from bot.settings.secrets import plain
from bot.slack.render import count

NAME = "event delivery"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on
NO_HELLO = "Allow WebSockets (wss) to Slack's hosts, and turn on Socket Mode in the app's settings."
NOT_RUNNING = "Start the bot, and look again while it runs."
NOT_TAKEN = "Start the bot with this signing secret; a proxy has to pass body and headers on as they are."


async def delivery(settings: Settings) -> Finding:
    """Socket Mode: greeted by Slack. HTTP: a signed request is taken, one with a wrong signature isn't."""
    try:
        mode = settings.slack_mode
    except FaultMavenError as error:
        return failure(NAME, error)
    if mode == "none":
        return Finding(NAME, Verdict.NOTE, "not tried without Slack's tokens")
    if mode == "http":
        return await _over_http(settings)
    try:
        async with open_clients(settings) as clients:
            open_now = await greeted(clients.read, clients.session, plain(settings.slack_app_token) or "")
    except FaultMavenError as error:
        return Finding(NAME, Verdict.PROBLEM, error.public_message, error.advice or NO_HELLO)
    others = f"; {count(open_now - 1, 'other connection')} of this app" if open_now > 1 else ""
    return Finding(NAME, Verdict.FINE, f"Slack says hello over Socket Mode{others}")


async def _over_http(settings: Settings) -> Finding:
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    url = f"http://{host}:{settings.port}/slack/events"
    try:
        async with open_clients(settings) as clients:
            why = await takes_signed(clients.session, url, plain(settings.slack_signing_secret) or "")
    except ProviderUnavailable as error:
        return Finding(NAME, Verdict.NOTE, f"not tried: {error.public_message}", NOT_RUNNING)
    if why is None:
        found = f"signed requests are taken at {url}; Slack has to reach it at the app's request URL"
        return Finding(NAME, Verdict.FINE, found)
    return Finding(NAME, Verdict.PROBLEM, f"a signed request to {url}: {why}", NOT_TAKEN)
