"""Takes the pictures of the demo anew: `.venv/bin/python docs/screenshots.py`. Needs Chromium."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect
from pydantic import SecretStr

from bot.app import demo
from bot.playground.demo import QUESTION, SEARCHES
from bot.settings import Settings

IMAGES = Path(__file__).parent / "images"
WIDE, PHONE = (1080, 640), (390, 760)
FOR_THE_PICTURES = "only for the pictures"
INDEXED_WITHIN_MS = 30_000


async def main(chromium: str) -> None:
    """Play the demo's first minutes and photograph them."""
    IMAGES.mkdir(exist_ok=True)
    async with (
        demo(Settings(console_token=SecretStr(FOR_THE_PICTURES))) as shown,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, play, size, colours in (
            ("demo", verdict_and_search, WIDE, "light"),
            ("answer", answer, WIDE, "light"),
            ("dark", home, WIDE, "dark"),
            ("phone", search, PHONE, "light"),
        ):
            page = await opened(browser, shown.page_url, size, colours)
            await play(page)
            await page.screenshot(path=IMAGES / f"{name}.png")
            await page.context.close()
        page = await browser.new_page(viewport={"width": 1180, "height": 900}, reduced_motion="reduce")
        await console(page, shown.bot.url)
        await page.screenshot(path=IMAGES / "console.png")
        await browser.close()


async def console(page: Page, address: str) -> None:
    """The operators' page, once everything is indexed."""
    await page.goto(f"{address}/console")
    await page.get_by_label("Token").fill(FOR_THE_PICTURES)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator(".badge-status.indexed")).to_have_count(5)
    await expect(page.locator(".bar").first).to_be_visible(timeout=INDEXED_WITHIN_MS)


async def opened(browser: Browser, address: str, size: tuple[int, int], colours: str) -> Page:
    """The page of a newcomer, once all files of the first channel are indexed."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
        color_scheme="dark" if colours == "dark" else "light",
    )
    page = await context.new_page()
    await page.goto(address)
    for name in ("service-owners.csv", "on-call-handbook.pdf"):
        verdict = page.locator("#channel .message", has_text=name).locator(".replies")
        await expect(verdict).to_contain_text("Indexed", timeout=INDEXED_WITHIN_MS)
    return page


async def verdict_and_search(page: Page) -> None:
    """The verdict on a file in its thread, and a search."""
    await page.locator("#sidebar .channel-link", has_text="ops").click()
    runbook = page.locator("#channel .message", has_text="database-failover-runbook")
    await runbook.locator(".replies").click()
    await expect(page.locator("#thread .message", has_text="Indexed")).to_have_count(1)
    await page.fill("#channel-input", "/fm search promote the standby")
    await page.press("#channel-input", "Enter")
    await expect(page.locator("#channel .message", has_text="for “promote the standby”")).to_have_count(1)
    await page.mouse.move(0, 0)


async def answer(page: Page) -> None:
    """A question and its answer with its source."""
    await page.get_by_role("button", name=QUESTION).click()
    await expect(page.locator("#thread .message", has_text="Not helpful")).to_have_count(1)
    await page.mouse.move(0, 0)


async def home(page: Page) -> None:
    """The app's own page."""
    await page.locator("#sidebar .channel-link", has_text="FaultMaven").click()
    await page.get_by_role("link", name="Home").click()
    await expect(page.locator(".home").get_by_role("heading", name="Your files")).to_be_visible()


async def search(page: Page) -> None:
    """The first suggested search."""
    await page.get_by_role("button", name=SEARCHES[0]).click()
    await expect(page.locator("#channel .message.ephemeral").last).to_contain_text("p. 3")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"))
