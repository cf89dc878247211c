"""The operators' page as they use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import barriers, tab
from playwright.async_api import Browser, Page, expect
from support.bot import at_rest, bot_in
from support.slack import ask, verdict

from bot.playground.server import Playground

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "a token for the operators"
HOSTILE = "<img src=x onerror=alert(1)>.txt"
PHONE = {"width": 390, "height": 844}


async def test_an_operator_logs_in_watches_filters_reads_anew_and_forgets(
    browser: Browser, tmp_path: Path
) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path, console_token=TOKEN) as bot:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        await verdict(slack, (await slack.share(alice, ops, HOSTILE, b"words of a standby\n")).ts)
        await ask(slack, alice, ops, "/fm search unobtainium")
        async with tab(browser, width=1180, height=900) as page:
            await log_in(page, bot.url)
            rows = page.locator(".documents tbody tr")
            await expect(rows.locator("bdi")).to_have_text([HOSTILE])  # as text, and nothing ran
            await expect(page.locator("img")).to_have_count(0)
            await expect(page.locator("#asked")).to_contain_text("unobtainium")
            await expect(page.locator("#charts svg")).to_have_count(2)
            await expect(page.locator("#charts li", has_text="database").locator(".ok")).to_have_text("ok")
            assert await barriers(page) == []

            await slack.share(alice, ops, "blob.bin", b"\0\1\2\3")
            await expect(rows).to_have_count(2)  # without anybody's doing
            await at_rest(slack, bot)
            await page.get_by_label("Status").select_option("failed")
            await expect(rows.locator("bdi")).to_have_text(["blob.bin"])
            await page.get_by_role("button", name="Retry blob.bin").click()
            await expect(page.locator("#announcer")).to_have_text("blob.bin is read again.")
            await at_rest(slack, bot)
            await page.get_by_label("Status").select_option("")
            await page.get_by_label("Title or id").fill("IMG SRC")
            await expect(rows.locator("bdi")).to_have_text([HOSTILE])
            await page.get_by_role("button", name=f"Forget {HOSTILE}").click()
            await page.get_by_role("button", name="Forget it").click()
            await expect(page.locator("#documents")).to_contain_text("There is none.")
            assert "Nothing" in (await ask(slack, alice, ops, "/fm search standby")).text

            await page.emulate_media(color_scheme="dark")
            await page.set_viewport_size(PHONE)
            await page.get_by_label("Title or id").fill("")
            await expect(rows.locator("bdi")).to_have_text(["blob.bin"])
            assert await barriers(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.get_by_role("button", name="Log out").click()
            await expect(page.get_by_label("Token")).to_be_visible()
            await page.goto(f"{bot.url}/console")
            await expect(page.get_by_label("Token")).to_be_visible()


async def log_in(page: Page, url: str) -> None:
    await page.goto(f"{url}/console")
    assert await barriers(page) == []
    await page.get_by_label("Token").fill("a wrong one")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("alert")).to_have_text("That is not the token.")
    await page.get_by_label("Token").fill(TOKEN)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator("#live")).to_have_text("Live")
