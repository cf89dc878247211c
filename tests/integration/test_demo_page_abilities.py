from __future__ import annotations

from typing import Any

import pytest
from chromium import Scene, barriers, tab
from playwright.async_api import Browser, expect
from support.pdf import make_pdf

from bot.app import demo
from bot.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

INDEXED_WITHIN_MS = 20_000


async def test_names_and_channels_are_completed_while_writing(scene: Scene) -> None:
    box, hints = scene.page.locator("#channel-input"), scene.page.get_by_role("option")
    await box.press_sequentially("@")
    await expect(hints.locator("bdi")).to_have_text(["FaultMaven", "Alice Okafor", "Bob"])
    await box.press_sequentially("oka")
    await expect(hints.locator("bdi")).to_have_text(["Alice Okafor"])
    await box.press("Enter")
    await expect(box).to_have_value("@alice ")
    await box.press_sequentially("see #o")
    await box.press("Tab")
    await expect(box).to_have_value("@alice see #room ")
    await box.press("Enter")
    sent = scene.messages("see")
    await expect(sent.locator(".mention")).to_have_text(["@Alice Okafor", "#room"])
    await box.press_sequentially("@bob")
    await expect(hints).to_have_count(0)
    await box.press_sequentially(" a@b.c")
    await expect(hints).to_have_count(0)


async def test_a_question_opens_its_thread_where_what_the_bot_does_and_writes_is_seen(scene: Scene) -> None:
    await scene.write("@faultmaven what now?")
    thread = scene.page.locator("#thread")
    await expect(thread.locator(".message")).to_contain_text("what now?")
    asked = scene.slack.messages(scene.general)[-1].ts
    await scene.web.assistant_threads_setStatus(
        channel_id=scene.general, thread_ts=asked, status="is reading the files…"
    )
    for pane in ("#thread", "#channel"):
        await expect(scene.page.locator(f"{pane} .status")).to_have_text("FaultMaven is reading the files")
    place = {"channel": scene.general, "ts": ""}
    begun = await scene.web.chat_startStream(
        channel=scene.general,
        thread_ts=asked,
        markdown_text="Stop the ",
        recipient_team_id=scene.slack.workspace.team_id,
        recipient_user_id=scene.alice,
    )
    place["ts"] = str(begun["ts"])
    answer = thread.locator(".message.streaming")
    await expect(answer).to_contain_text("Stop the")
    await expect(scene.page.locator(".status")).to_have_count(0)
    await scene.web.chat_appendStream(**place, markdown_text="**writers**")
    await expect(answer.locator("strong")).to_have_text("writers")
    await scene.web.chat_stopStream(**place, markdown_text=" first.")
    await expect(answer).to_have_count(0)
    await expect(thread.locator(".message .content").last).to_have_text("Stop the writers first.")
    await expect(thread.locator(".edited")).to_have_count(0)


async def test_a_message_has_a_menu_that_the_keyboard_walks(scene: Scene) -> None:
    await scene.slack.say(scene.alice, scene.general, "mine")
    theirs = await scene.slack.say(scene.bob, scene.general, "theirs")
    entries = scene.page.get_by_role("menuitem")
    await scene.messages("theirs").hover()
    await scene.messages("theirs").get_by_label("More actions").click()
    await expect(entries).to_have_text(["Ask FaultMaven", "Copy link"])
    await expect(entries.first).to_be_focused()
    await scene.page.keyboard.press("ArrowUp")
    await expect(entries.last).to_be_focused()
    await scene.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await scene.page.keyboard.press("Enter")
    await expect(scene.page.locator("#announcer")).to_have_text("The link is copied.")
    copied = await scene.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{scene.slack.page_url}archives/{scene.general}/p{theirs.replace('.', '')}"
    await scene.messages("mine").hover()
    await scene.messages("mine").get_by_label("More actions").click()
    await expect(entries).to_have_count(3)
    await scene.page.keyboard.press("Escape")
    await expect(entries).to_have_count(0)
    await expect(scene.messages("mine").get_by_label("More actions")).to_be_focused()
    await scene.messages("mine").get_by_label("More actions").press("Enter")
    await entries.get_by_text("Delete message").click()
    await scene.page.get_by_role("button", name="Delete", exact=True).click()
    await expect(scene.messages("mine")).to_have_count(0)


async def test_the_apps_home_shows_what_it_publishes_for_this_person(scene: Scene) -> None:
    def view(text: str) -> dict[str, Any]:
        return {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]}

    await scene.go("FaultMaven")
    await scene.page.get_by_role("link", name="Home").click()
    await scene.slack.until(lambda: any("app_home_opened" in str(d.payload) for d in scene.slack.deliveries))
    await expect(scene.page.locator("#channel-input")).to_be_hidden()
    home = scene.page.locator(".home .content")
    for text in ("Your files", "Your two files"):
        await scene.web.views_publish(user_id=scene.alice, view=view(text))
        await expect(home.get_by_role("heading")).to_have_text(text)
    await scene.web.views_publish(user_id=scene.bob, view=view("His files"))
    await scene.page.reload()
    await expect(home).to_have_text("Your two files")
    await scene.act_as("Bob")
    await scene.go("FaultMaven")
    await scene.page.get_by_role("link", name="Home").click()
    await expect(home).to_have_text("His files")
    await scene.page.get_by_role("link", name="Messages").click()
    await expect(scene.page.locator("#channel-input")).to_be_visible()


async def test_the_keyboard_reaches_everything_and_a_question_mark_tells_how(scene: Scene) -> None:
    page = scene.page
    await scene.slack.say(scene.alice, scene.general, "one")
    await scene.slack.say(scene.bob, scene.general, "two")
    await expect(scene.messages("two")).to_have_count(1)
    await page.get_by_role("region", name="Messages").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Previous or next channel")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("ArrowUp")
    await expect(scene.messages("two")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(scene.messages("one")).to_be_focused()
    await page.keyboard.press("t")
    await expect(page.locator("#thread-input")).to_be_focused()
    await page.keyboard.type("d?/")
    await expect(page.locator("#thread-input")).to_have_value("d?/")
    await page.keyboard.press("Escape")
    await expect(page.locator("#thread")).to_be_hidden()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.locator("#channel h1")).to_have_text("room")
    await page.get_by_role("region", name="Messages").focus()
    await page.keyboard.press("d")
    await expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    await page.keyboard.press("/")
    await expect(page.locator("#channel-input")).to_have_value("/")


async def test_a_card_shows_what_its_file_begins_with(scene: Scene) -> None:
    text = "\n".join(f"line {number}" for number in range(1, 200))
    await scene.slack.share(scene.bob, scene.general, "notes.txt", text.encode())
    await scene.slack.share(scene.bob, scene.general, "plan.pdf", make_pdf(["The plan"]))
    await scene.slack.share(scene.bob, scene.general, "broken.pdf", b"%PDF-1.4 nothing")
    snippet = scene.page.locator("#channel .snippet")
    await expect(snippet).to_have_text("line 1\nline 2\nline 3\nline 4\nline 5\nline 6")
    await snippet.click()
    await expect(scene.page.get_by_role("dialog", name="notes.txt").locator("pre")).to_contain_text(
        "line 199"
    )
    await scene.page.keyboard.press("Escape")
    first_page = scene.page.get_by_role("img", name="Preview of plan.pdf")
    await expect(first_page).to_have_js_property("naturalWidth", 460)
    await expect(scene.page.get_by_role("img", name="Preview of broken.pdf")).to_have_count(0)


async def test_tables_of_both_kinds_have_their_cells_and_sides(scene: Scene) -> None:
    table = "Owners:\n| a | b |\n|:--|--:|\n| **x** | 1 \\| 2 |\n\nafter | all"
    await scene.web.chat_postMessage(
        channel=scene.general, text="x", blocks=[{"type": "markdown", "text": table}]
    )
    shown = scene.page.locator("#channel .content")
    await expect(shown.locator("th")).to_have_text(["a", "b"])
    await expect(shown.locator("td")).to_have_text(["x", "1 | 2"])
    await expect(shown.locator("td.rightward")).to_have_count(1)
    await expect(shown.locator("p")).to_have_text(["Owners:", "after | all"])


async def test_the_first_minute_leads_to_a_passage_an_answer_in_a_thread_and_a_word_back(
    browser: Browser,
) -> None:
    async with demo(Settings(log_level="error")) as running, tab(browser) as page:
        await page.goto(running.page_url)
        verdict = page.locator("#channel .message", has_text="on-call-handbook.pdf").locator(".replies")
        await expect(verdict).to_contain_text("4 pages, 4 passages", timeout=INDEXED_WITHIN_MS)
        await page.get_by_role("button", name="how long are backups kept").click()
        found = page.locator("#channel .message.ephemeral")
        await expect(found).to_contain_text("[1] on-call-handbook.pdf, p. 3")
        await page.get_by_role("button", name="When do I page the second person").click()
        answer = page.locator("#thread .message", has_text="after fifteen minutes")
        await expect(answer).to_contain_text("[1] on-call-handbook.pdf, p. 2")
        thumb = answer.get_by_role("button", name="Not helpful")
        await thumb.click()
        await expect(thumb).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("button", name="comment").click()
        form = page.get_by_role("dialog")
        await expect(form.get_by_role("textbox")).to_be_focused()
        assert await barriers(page) == []
        await page.keyboard.type("it was the wrong database")
        await form.get_by_role("button", name="Send").click()
        await expect(form).to_contain_text("Thank")
        await page.keyboard.press("Escape")
        await expect(form).to_have_count(0)


async def test_nothing_keeps_people_out_of_what_can_be_opened(scene: Scene) -> None:
    page = scene.page
    await scene.slack.share(scene.bob, scene.general, "notes.md", b"# Notes\n\nof today", text="see <#C0|>")
    await scene.web.chat_postEphemeral(channel=scene.general, user=scene.alice, text="only for her `x`")
    await expect(scene.messages()).to_have_count(2)
    await scene.messages("notes.md").hover()
    await scene.messages("notes.md").get_by_label("Reply in thread").click()
    await expect(scene.messages("notes.md", "#thread")).to_have_count(1)
    await page.locator("#channel-input").press_sequentially("@")
    await expect(page.get_by_role("option")).to_have_count(3)
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert await barriers(page) == []
    await page.locator("#channel .snippet").click()
    await expect(page.get_by_role("dialog").locator("pre")).to_contain_text("of today")
    assert await barriers(page) == []
