"""The bot for many workspaces on a local Slack, and a browser that installs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar

from bot.documents.vault import new_key
from bot.playground.host import SlackHost
from bot.settings import Settings


def settings_of(host: SlackHost, data_dir: Path, **changes: Any) -> Settings:  # noqa: ANN401  # any setting
    """The settings that point a bot at the app of all these workspaces, over signed HTTP, with a new key."""
    values: dict[str, Any] = {
        "slack_client_id": host.client_id,
        "slack_client_secret": host.client_secret,
        "slack_signing_secret": host.signing_secret,
        "slack_api_url": host.api_url,
        "encryption_key": new_key(),
        "data_dir": data_dir,
        "port": 0,
    }
    return Settings(**(values | changes))


def browser(base: str | None = None) -> ClientSession:
    """One that keeps its cookies."""
    return ClientSession(base, cookie_jar=CookieJar(unsafe=True))  # unsafe: cookies of an address, not a name


async def begin(session: ClientSession, url: str) -> str:
    """Press the button on a bot's install page; the address of Slack's page."""
    async with session.post(f"{url}/slack/install", allow_redirects=False) as response:
        assert response.status == 303
        return response.headers["Location"]


async def allow(session: ClientSession, there: str, team: str, **answers: str) -> str:
    """Allow it at Slack; the address that the browser is sent back to."""
    async with session.post(there, data={"team": team, **answers}, allow_redirects=False) as response:
        assert response.status == 302
        return response.headers["Location"]


async def install(url: str, team: str) -> None:
    """The whole way, in a new browser."""
    async with browser() as session:
        back = await allow(session, await begin(session, url), team)
        async with session.get(back) as response:
            assert response.status == 200, await response.text()
