"""Headless Chromium for tests of the demo page, driven through playwright, and the page with people in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.server import Playground

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS = 10_000
SERIOUS = {"serious", "critical"}
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    usual = Path("/usr/bin/chromium")
    return str(usual) if usual.exists() else next(filter(None, map(shutil.which, _NAMES)), None)


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    """A running browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
    """A fresh tab with storage of its own; fails at the end when a script on the page failed."""
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    expect.set_options(timeout=TIMEOUT_MS)
    failures: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    try:
        yield page
    finally:
        await context.close()
    assert failures == []


async def barriers(page: Page) -> list[tuple[str, Any]]:
    """What axe finds on the page that keeps people out."""
    found = (await Axe().run(page)).response["violations"]
    return [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in SERIOUS]


@dataclass
class Scene:
    """A workspace with two people, its page as the first of them, and the bot's hand in it."""

    slack: Playground
    page: Page
    web: AsyncWebClient
    alice: str
    bob: str
    general: str
    room: str

    async def go(self, channel: str) -> None:
        """Open a channel through the sidebar."""
        await self.page.locator("#sidebar .channel-link", has_text=channel).click()
        await expect(self.page.locator("#channel h1")).to_have_text(channel)

    async def act_as(self, name: str) -> None:
        """Become someone else through the sidebar."""
        await self.page.locator("#sidebar .person", has_text=name).click()
        await expect(self.page.locator("#sidebar .person[aria-pressed=true]")).to_contain_text(name)

    def messages(self, text: str = "", where: str = "#channel") -> Locator:
        """The messages shown that contain a text."""
        return self.page.locator(f"{where} .message", has_text=text)

    async def attach(self, name: str, data: bytes) -> None:
        """Choose a file with the attach button's dialog."""
        chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        await self.page.set_input_files("#channel input[type=file]", files=[chosen])

    async def write(self, text: str, into: str = "#channel-input") -> None:
        """Type a text and press Enter."""
        await self.page.fill(into, text)
        await self.page.press(into, "Enter")


@asynccontextmanager
async def scene_in(browser: Browser, **size: int) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Playground.serve())
        alice, bob = slack.add_user("alice", real_name="Alice Okafor"), slack.add_user("bob")
        general = slack.add_channel("general", [alice, bob])
        room = slack.add_channel("room", [alice], is_private=True)
        page = await stack.enter_async_context(tab(browser, **size))
        web = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        await page.goto(slack.page_url)
        await expect(page.locator("#channel h1")).to_have_text("general")
        yield Scene(slack, page, web, alice, bob, general, room)
