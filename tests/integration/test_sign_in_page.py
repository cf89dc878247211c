"""The pages of installing the bot, of its HTTP API and of coming into the console, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import barriers, tab
from playwright.async_api import Browser, Page, expect
from support.bot import HURRY
from support.installing import settings_of

from bot.app import running
from bot.playground.host import SlackHost
from bot.playground.server import Playground

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEAM = "T0ACME001"


async def test_somebody_installs_the_bot_and_signs_in_to_the_console_with_slack(
    browser: Browser, tmp_path: Path
) -> None:
    async with SlackHost.serve(Playground(delivery="http", team_id=TEAM)) as host:
        settings = settings_of(host, tmp_path, console_token="a token for the operators")
        async with running(settings, pace=HURRY) as bot, tab(browser, width=900, height=700) as page:
            host.redirect_uris |= {f"{bot.url}/slack/oauth_redirect", f"{bot.url}/console/login/slack"}
            await page.goto(f"{bot.url}/slack/install")
            await fine_in_both_lights(page)
            await page.get_by_role("button", name="Add to Slack").click()
            await page.get_by_role("button", name="Allow in").click()
            await expect(page.get_by_role("heading")).to_contain_text("FaultMaven is in")
            await fine_in_both_lights(page)

            await page.goto(f"{bot.url}/v1/knowledge/docs")
            await expect(page.get_by_role("heading", name="Have a file indexed")).to_be_visible()
            await fine_in_both_lights(page)

            admin = host.workspaces[TEAM].add_user("alice", admin=True)
            member = host.workspaces[TEAM].add_user("bob")
            await page.goto(f"{bot.url}/console")
            await fine_in_both_lights(page)
            await sign_in(page, member)
            await expect(page.get_by_role("alert")).to_contain_text("Only admins and owners")
            await fine_in_both_lights(page)
            await sign_in(page, admin)
            await expect(page.locator("#live")).to_have_text("Live")
            await expect(page.locator("#whose")).to_have_text(host.workspaces[TEAM].workspace.name)
            await expect(page.locator("#charts")).to_be_hidden()
            await fine_in_both_lights(page)


async def sign_in(page: Page, user: str) -> None:
    await page.get_by_role("button", name="Sign in with Slack").click()
    await page.locator("[name=team]").fill(TEAM)
    await page.locator("[name=user]").fill(user)
    await page.get_by_role("button", name="Allow").click()


async def fine_in_both_lights(page: Page) -> None:
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of these
        assert await barriers(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
