from __future__ import annotations

from typing import Any

import pytest
from chromium import Scene, scene_in, tab
from playwright.async_api import Browser, expect
from support.pdf import make_pdf

from bot.app import demo
from bot.playground.server import Playground
from bot.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

INDEXED_WITHIN_MS = 20_000
PDF = make_pdf(["Failover\nStop the writers.", "Promote the standby replica with pg_promote."])


async def test_a_person_sees_only_the_channels_they_may_read(scene: Scene) -> None:
    channels = scene.page.locator("#sidebar .channel-link bdi")
    await expect(channels).to_have_text(["general", "room", "FaultMaven"])
    await scene.go("room")
    await scene.act_as("Bob")
    await expect(channels).to_have_text(["general", "FaultMaven"])
    await expect(scene.page.locator("#channel h1")).to_have_text("general")


async def test_a_message_appears_for_who_wrote_it_and_at_once_for_others(
    scene: Scene, browser: Browser
) -> None:
    async with tab(browser) as other:
        await other.goto(scene.slack.page_url)
        await other.locator("#sidebar .person", has_text="Bob").click()
        await scene.page.fill("#channel-input", "first line")
        await scene.page.press("#channel-input", "Shift+Enter")
        await scene.page.keyboard.type("second line")
        await scene.page.keyboard.press("Enter")
        await expect(scene.messages("first line\nsecond line")).to_have_count(1)
        await expect(other.locator("#channel .message .text")).to_have_text("first line\nsecond line")
        await expect(scene.page.locator("#channel-input")).to_have_value("")


async def test_a_shared_file_shows_as_a_card_and_its_receipt_is_edited_in_the_thread_beside_it(
    scene: Scene,
) -> None:
    await scene.attach("failover.pdf", PDF)
    await expect(scene.page.locator(".attachment")).to_contain_text("failover.pdf")
    await scene.write("Read this")
    card = scene.messages("Read this").locator(".file")
    await expect(card).to_contain_text("failover.pdf")
    await expect(card).to_contain_text("PDF · ")
    await expect(scene.messages("Read this", "#thread")).to_have_count(1)
    root = scene.slack.messages(scene.general)[-1]
    receipt = await scene.web.chat_postMessage(
        channel=scene.general, thread_ts=root.ts, text='Received "failover.pdf"'
    )
    await expect(scene.messages("Received", "#thread")).to_have_count(1)
    await scene.web.chat_update(channel=scene.general, ts=str(receipt["ts"]), text="Indexed: 2 pages")
    await expect(scene.messages("Indexed: 2 pages", "#thread")).to_contain_text("(edited)")
    await expect(scene.messages("Received", "#thread")).to_have_count(0)
    await expect(scene.messages("Read this").locator(".replies")).to_contain_text("1 reply")
    async with scene.page.expect_download() as download:
        await card.locator("a").click()
    assert (await (await download.value).path()).read_bytes() == PDF


async def test_dropped_and_pasted_files_wait_in_the_box_and_can_be_left_out(scene: Scene) -> None:
    for event, target, key in (
        ("drop", "#channel", "dataTransfer"),
        ("paste", "#channel-input", "clipboardData"),
    ):
        await scene.page.evaluate(
            """([event, target, key]) => {
              const data = new DataTransfer();
              data.items.add(new File(["text"], `${event}.txt`));
              const options = { [key]: data, bubbles: true, cancelable: true };
              const Kind = event === "paste" ? ClipboardEvent : DragEvent;
              document.querySelector(target).dispatchEvent(new Kind(event, options));
            }""",
            [event, target, key],
        )
    waiting = scene.page.locator(".attachment bdi")
    await expect(waiting).to_have_text(["drop.txt", "paste.txt"])
    await scene.page.get_by_label("Leave out drop.txt").click()
    await scene.page.get_by_label("Send", exact=True).first.click()
    await expect(scene.page.locator("#channel .file-name")).to_have_text(["paste.txt"])


async def test_what_only_one_person_sees_is_marked_and_gone_for_the_next_one(scene: Scene) -> None:
    await scene.web.chat_postEphemeral(channel=scene.general, user=scene.alice, text="for your eyes")
    mine = scene.messages("for your eyes")
    await expect(mine).to_contain_text("Only visible to you")
    await scene.act_as("Bob")
    await scene.web.chat_postMessage(channel=scene.general, text="for all")
    await expect(scene.messages("for all")).to_have_count(1)
    await expect(mine).to_have_count(0)
    await scene.act_as("Alice")
    await mine.get_by_role("button", name="Dismiss").click()
    await expect(mine).to_have_count(0)


async def test_hostile_names_and_texts_stay_text(scene: Scene) -> None:
    image = "<img src=x onerror=document.title='owned'>"
    eve = scene.slack.add_user("eve", real_name=f"{image}Eve")
    await scene.slack.join(eve, scene.general)
    await scene.slack.share(
        eve, scene.general, f"{image}.md", b"# hi", text="&lt;script&gt;alert(1)&lt;/script&gt;"
    )
    links = "<javascript:document.title='owned'|click> <data:text/html,x|here> <https://example.com/?a=1&amp;b=2|fine>"
    await scene.slack.say(eve, scene.general, links)
    button = {
        "type": "button",
        "action_id": "go",
        "text": {"type": "plain_text", "text": image},
        "url": "javascript:alert(1)",
    }
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": image}, "accessory": button},
        {"type": "markdown", "text": f"{image} [click](javascript:alert(1))"},
        {"type": "image", "image_url": "http://127.0.0.1:9/x.png", "alt_text": image},
    ]
    await scene.web.chat_postMessage(channel=scene.general, text="x", blocks=blocks)
    await expect(scene.page.locator("#channel .file-name")).to_have_text(f"{image}.md")
    await expect(scene.messages("<script>alert(1)</script>").locator(".author")).to_have_text(f"{image}Eve")
    await expect(scene.page.locator("#channel .block")).to_have_count(3)
    hrefs = await scene.page.eval_on_selector_all("#channel .content a", "all => all.map((a) => a.href)")
    assert hrefs == ["https://example.com/?a=1&b=2"]
    assert await scene.page.locator("img, script:not([src])").count() == 0
    assert "owned" not in await scene.page.title()


async def test_typing_a_slash_offers_the_commands(scene: Scene) -> None:
    box, hints = scene.page.locator("#channel-input"), scene.page.get_by_role("option")
    await box.press_sequentially("/")
    [command] = scene.slack.manifest.commands
    ways = [f"{command.command} {way.strip()}" for way in command.usage_hint.split("|")]
    await expect(hints.locator("code")).to_have_text(ways)
    await box.press("ArrowDown")
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/fm status")
    await box.fill("/fm se")
    await expect(hints).to_have_count(1)
    await box.press("Tab")
    await expect(box).to_have_value("/fm search ")
    await expect(box).to_be_focused()
    await box.press_sequentially("words in:#ro")
    await expect(hints.locator("bdi")).to_have_text(["room"])
    await box.press("Tab")
    await expect(box).to_have_value("/fm search words in:#room ")
    await expect(hints).to_have_count(0)


async def test_what_goes_wrong_is_told_beside_the_box_and_what_was_typed_is_kept(scene: Scene) -> None:
    alert, box = scene.page.locator("#channel .composer-error"), scene.page.locator("#channel-input")
    await scene.write("/fm search anything")
    await expect(alert).to_contain_text("isn't connected")
    await expect(box).to_have_value("/fm search anything")
    await scene.write("/nonsense")
    await expect(alert).to_contain_text("/nonsense is not a valid command")
    await scene.slack.say(scene.alice, scene.general, "root")
    await scene.messages("root").hover()
    await scene.messages("root").get_by_label("Reply in thread").click()
    await scene.write("/fm status", "#thread-input")
    await expect(scene.page.locator("#thread .composer-error")).to_contain_text("don't work in threads")


async def test_blocks_and_mrkdwn_are_shown_as_in_slack(scene: Scene) -> None:
    def mrkdwn(text: str) -> dict[str, Any]:
        return {"type": "section", "text": {"type": "mrkdwn", "text": text}}

    def rich(kind: str, *elements: dict[str, Any]) -> dict[str, Any]:
        return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}

    bold = {"type": "text", "text": "hit", "style": {"bold": True}}
    expected = (
        (
            mrkdwn("*bold* _it_ ~no~ `a*b*` 2*3*4"),
            "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code> 2*3*4",
        ),
        (
            mrkdwn("&gt; quoted &amp;lt;\n• item"),
            '<blockquote>quoted &amp;lt;</blockquote><div class="bullet" data-sign="•">item</div>',
        ),
        (mrkdwn("```\nx = *1*\n```"), "<pre>x = *1*</pre>"),
        (
            mrkdwn(f"<@{scene.alice}> :eyes: :nope:"),
            '<span class="mention mine">@Alice Okafor</span> 👀 :nope:',
        ),
        (
            mrkdwn(f"<#{scene.room}> <#C0UNKNOWN|>"),
            f'href="#/{scene.room}" data-route="">#room</a> <span class="mention">a private channel</span>',
        ),
        (mrkdwn("<!date^0^{date_num} UTC|then>"), "<time>1970-01-01 UTC</time>"),
        (
            rich("rich_text_quote", {"type": "text", "text": "*a* <"}, bold),
            "<blockquote>*a* &lt;<strong>hit</strong></blockquote>",
        ),
        (rich("rich_text_preformatted", {"type": "text", "text": "x\ny"}), "<pre>x\ny</pre>"),
        (
            {"type": "markdown", "text": "**b** `c`\n- one"},
            "<p><strong>b</strong> <code>c</code></p><ul><li>one</li></ul>",
        ),
        ({"type": "context", "elements": [{"type": "plain_text", "text": "*as is*"}]}, "*as is*"),
        ({"type": "divider"}, "<hr>"),
    )
    await scene.web.chat_postMessage(channel=scene.general, text="x", blocks=[block for block, _ in expected])
    shown = scene.page.locator("#channel .block")
    await expect(shown).to_have_count(len(expected))
    html = await shown.evaluate_all("all => all.map((element) => element.innerHTML)")
    assert [(part, text) for part, (_, text) in zip(html, expected, strict=True) if text not in part] == []


async def test_a_permalink_leads_to_its_message_and_escape_leaves_the_thread(scene: Scene) -> None:
    root = await scene.slack.say(scene.alice, scene.room, "the root")
    reply = await scene.slack.say(scene.alice, scene.room, "the reply", thread_ts=root)
    archive = f"{scene.slack.page_url}archives/{scene.room}"
    to_root = f"{archive}/p{root.replace('.', '')}"
    to_reply = f"{archive}/p{reply.replace('.', '')}?thread_ts={root}&amp;cid={scene.room}"
    await scene.slack.say(scene.alice, scene.general, f"see <{to_reply}|what she said>")
    await scene.page.get_by_text("what she said").click()
    await expect(scene.page.locator("#channel h1")).to_have_text("room")
    await expect(scene.page.locator("#thread .highlighted")).to_contain_text("the reply")
    await scene.page.keyboard.press("Escape")
    await expect(scene.page.locator("#thread")).to_be_hidden()
    await expect(scene.page.locator("#channel-input")).to_be_focused()
    await scene.page.goto(to_root)
    await expect(scene.page.locator("#channel .highlighted")).to_contain_text("the root")


async def test_the_bot_is_invited_and_a_public_channel_joined_on_the_page(scene: Scene) -> None:
    scene.slack.add_channel("quiet", [scene.bob], with_bot=False)
    await scene.go("quiet")
    await scene.page.get_by_role("button", name="Join #quiet").click()
    await scene.page.get_by_role("button", name="Invite FaultMaven").click()
    await expect(scene.page.locator("#channel .empty")).to_contain_text("very beginning of #quiet")
    await scene.page.get_by_label("New channel").click()
    await scene.page.get_by_label("Name").fill("Plans 2027")
    await scene.page.get_by_label("Private").check()
    await scene.page.get_by_role("button", name="Create channel").click()
    await expect(scene.page.locator("#channel h1")).to_have_text("plans-2027")


async def test_a_message_elsewhere_puts_a_dot_on_its_channel(scene: Scene) -> None:
    link = scene.page.locator("#sidebar .channel-link", has_text="room")
    await expect(link.locator(".dot")).to_have_count(0)
    await scene.web.chat_postMessage(channel=scene.room, text="news")
    await expect(link.locator(".dot")).to_have_count(1)
    await scene.go("room")
    await expect(link.locator(".dot")).to_have_count(0)


async def test_the_page_finds_a_demo_that_was_started_anew(browser: Browser) -> None:
    async with tab(browser) as page:
        async with Playground.serve() as slack:
            port = int(slack.page_url.rstrip("/").rpartition(":")[2])
            slack.add_channel("old", [slack.add_user("alice")])
            await page.goto(slack.page_url)
            await expect(page.locator("#channel h1")).to_have_text("old")
        await expect(page.locator("#banner")).to_contain_text("can't be reached")
        async with Playground.serve(port) as slack:
            slack.add_channel("new", [slack.add_user("carol")])
            await expect(page.locator("#channel h1")).to_have_text("new")
            await expect(page.locator("#sidebar .person bdi")).to_have_text("Carol")


async def test_on_a_phone_the_side_panes_cover_the_channel_and_nothing_overflows(browser: Browser) -> None:
    async with scene_in(browser, width=360, height=640) as scene:
        await scene.slack.say(scene.alice, scene.general, "word" * 200)
        await expect(scene.page.locator("#sidebar")).to_be_hidden()
        await scene.page.get_by_label("Channels and people").click()
        await scene.go("room")
        await expect(scene.page.locator("#sidebar")).to_be_hidden()
        await scene.page.go_back()
        await expect(scene.messages("word")).to_have_count(1)
        overflow = "document.documentElement.scrollWidth - innerWidth"
        assert await scene.page.evaluate(overflow) <= 0


async def test_a_pdf_uploaded_on_the_page_is_found_with_fm_search_by_the_real_bot(browser: Browser) -> None:
    async with demo(Settings(log_level="error")) as running, tab(browser) as page:
        slack = running.playground
        await page.goto(running.page_url)
        await page.locator("#sidebar .channel-link", has_text="ops").click()
        chosen = {"name": "replica drill.pdf", "mimeType": "application/pdf", "buffer": PDF}
        await page.set_input_files("#channel input[type=file]", files=[chosen])
        await page.press("#channel-input", "Enter")
        receipt = page.locator("#thread .message", has_text="FaultMaven")
        indexed = 'Indexed "replica drill.pdf": 2 pages, 2 passages'
        await expect(receipt).to_contain_text(indexed, timeout=INDEXED_WITHIN_MS)
        await expect(receipt).to_have_count(1)
        await page.fill("#channel-input", "/fm search pg_promote")
        await page.press("#channel-input", "Enter")
        answer = page.locator("#channel .message.ephemeral")
        await expect(answer).to_contain_text("[1] replica drill.pdf, p. 2")
        await expect(answer.locator("blockquote strong").first).to_contain_text("promote", ignore_case=True)
        await answer.get_by_role("link", name="replica drill.pdf").first.click()
        await expect(page.locator("#channel .highlighted .file-name")).to_have_text("replica drill.pdf")
        await slack.wait_for(lambda m: m.text.startswith('Indexed "incident-notes'))
        for person, finds in (("Bob", False), ("Chandra", True)):
            await page.locator("#sidebar .person", has_text=person).click()
            await page.get_by_role("button", name="stolen laptop").click()
            await expect(answer).to_have_count(1)
            assert ("incident-notes" in await answer.inner_text()) is finds
