"""Takes the README's picture of the demo anew: `.venv/bin/python docs/screenshots.py`. Needs Chromium."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from bot.app import demo
from bot.settings import Settings

IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1280, "height": 760}


async def main(chromium: str) -> None:
    """Play the demo's first minute and photograph its end."""
    IMAGES.mkdir(exist_ok=True)
    async with demo(Settings()) as shown, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport=SIZE, reduced_motion="reduce", color_scheme="light")
        await page.goto(shown.page_url)
        await search(page)
        await page.screenshot(path=IMAGES / "demo.png")
        await browser.close()


async def search(page: Page) -> None:
    """Wait until the runbook is indexed, open its thread, and search."""
    await page.locator("#sidebar .channel-link", has_text="ops").click()
    runbook = page.locator("#channel .message", has_text="database-failover-runbook")
    await runbook.locator(".replies").click()
    await expect(page.locator("#thread .message", has_text="Indexed")).to_have_count(1, timeout=30_000)
    await page.fill("#channel-input", "/fm search promote the standby")
    await page.press("#channel-input", "Enter")
    await expect(page.locator("#channel .message", has_text="passages for")).to_have_count(1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"))
