"""What others see, or may see, holds nothing that one of them may not read: one test for each way out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from support.bot import settings_for
from support.company import Company, company_in
from support.dialogue import mention, reply_to, whisper_to
from support.slack import shown

from bot.app import local
from bot.playground.model import Message
from bot.playground.pressing import action_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    async with company_in(tmp_path_factory.mktemp("company")) as company:
        yield company


class Rooms:
    """Alice is in an open and in a private channel, Bob only in the open one; each channel has a file."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.alice, self.bob = company.person("alice"), company.person("bob")
        self.open = company.channel("open", self.alice, self.bob)
        self.secret = company.channel("secret", self.alice, private=True)

    async def fill(self) -> Rooms:
        self.lunch = await self.company.file(self.alice, self.open, "Lunch plan", "soup on monday")
        self.merger = await self.company.file(self.alice, self.secret, "Merger memo", "zanzibar is acquired")
        return self


@pytest_asyncio.fixture(loop_scope="module")
async def rooms(company: Company) -> Rooms:
    return await Rooms(company).fill()


async def answers_to(company: Company, user: str, channel: str, question: str) -> tuple[Message, str]:
    """Mention the bot; its reply for all, and the message's ts."""
    ts = await mention(company.slack, user, channel, question)
    return await reply_to(company.slack, channel, ts), ts


async def pressed(company: Company, user: str, message: Message, action_id: str) -> str:
    """What somebody is shown who presses a button, be it in a message that was never shown to them."""
    slack = company.slack
    before = shown(message)
    action = action_of(message, action_id, block_id=None, value=None)
    await slack.interactions.press(slack.workspace.user(user), message, action)
    await slack.until(lambda: shown(message) != before)
    return shown(message)


async def test_an_answer_to_a_mention_holds_nothing_of_the_askers_other_channels(
    company: Company, rooms: Rooms
) -> None:
    _, ts = await answers_to(company, rooms.alice, rooms.open, "what about zanzibar?")
    whispered = await whisper_to(company.slack, rooms.alice, ts)
    assert "acquired" in shown(whispered), "the asker alone is told"
    assert "acquired" not in company.told(rooms.open)
    assert "Merger" not in company.told(rooms.open)
    assert company.whispered(rooms.bob) == ""


async def test_a_follow_up_in_a_thread_holds_nothing_of_the_askers_other_channels(
    company: Company, rooms: Rooms
) -> None:
    _, ts = await answers_to(company, rooms.alice, rooms.open, "is there soup on monday?")
    follow_up = await company.slack.say(rooms.alice, rooms.open, "and who buys zanzibar?", thread_ts=ts)
    await reply_to(company.slack, rooms.open, follow_up, thread=ts)
    await whisper_to(company.slack, rooms.alice, follow_up)
    assert "soup" in company.told(rooms.open)
    assert "acquired" not in company.told(rooms.open)
    assert "Merger" not in company.told(rooms.open)


async def test_a_command_by_mention_shows_the_askers_files_to_nobody_else(
    company: Company, rooms: Rooms
) -> None:
    ts = await mention(company.slack, rooms.alice, rooms.open, "status")
    assert "Merger memo" in shown(await whisper_to(company.slack, rooms.alice, ts))
    assert "Merger" not in company.told(rooms.open)


async def test_what_the_bot_posts_in_a_channel_counts_that_channels_files_only(company: Company) -> None:
    alice = company.person("alice")
    crowded, quiet = company.channel("crowded", alice), company.channel("quiet", alice)
    for number in range(3):
        await company.file(alice, crowded, f"Crowd {number}", f"crowd number {number}")
    await company.slack.leave(company.slack.bot_user, quiet, removed_by=alice)
    await company.slack.share(alice, quiet, "early.txt", b"shared before the bot came back")
    await asyncio.sleep(1.1)  # Slack tells a file's time to the second
    await company.slack.join(company.slack.bot_user, quiet)
    offer = await company.slack.wait_for(lambda m: m.channel == quiet and "Shall I index" in m.text)
    assert "1 file was shared here" in offer.text
    await company.slack.press(alice, quiet, offer.ts, "fm_backfill_start")
    done = await company.slack.wait_for(lambda m: m.ts == offer.ts and "can be searched" in m.text)
    assert "1 file indexed" in done.text
    assert "Crowd" not in company.told(quiet)


async def test_a_channel_shared_with_another_company_is_answered_from_its_own_files(
    company: Company, rooms: Rooms
) -> None:
    eve = company.stranger()
    joint = company.channel("joint", rooms.alice)
    await company.connect(joint, eve)
    await company.file(rooms.alice, joint, "Joint plan", "we launch on the ninth")
    await company.choose("public on")
    try:
        for who in (eve, rooms.alice):
            assert "ninth" in shown((await answers_to(company, who, joint, "when do we launch?"))[0])
            _, ts = await answers_to(company, who, joint, "is there soup on monday?")
            await whisper_to(company.slack, who, ts)
            await answers_to(company, who, joint, "what about zanzibar?")
    finally:
        await company.choose("public off")
    assert "soup" not in company.told(joint)
    assert "acquired" not in company.told(joint)
    assert "soup" not in company.whispered(eve)


async def test_a_guest_in_the_channel_keeps_public_channels_out_of_its_answers(company: Company) -> None:
    alice, guest = company.person("alice"), company.person("gus", guest=True)
    menu, club = company.channel("menu", alice), company.channel("club", alice)
    await company.file(alice, menu, "Menu", "quiche on tuesday")
    await company.choose("public on")
    try:
        assert "quiche" in shown((await answers_to(company, alice, club, "quiche on tuesday?"))[0])
        await company.slack.join(guest, club)
        await company.calm()
        second, _ = await answers_to(company, alice, club, "is there quiche on tuesday?")
    finally:
        await company.choose("public off")
    assert "quiche" not in shown(second)


async def test_a_receipt_tells_a_channel_nothing_of_a_file_that_is_no_longer_shared_there(
    company: Company, rooms: Rooms
) -> None:
    await company.slack.share_again(rooms.lunch.file_id, rooms.alice, rooms.secret)
    await company.slack.unshare(rooms.lunch.file_id, rooms.alice, rooms.open)
    await company.calm()
    await company.slack.change_file(rooms.lunch.file_id, title="Severance plan")
    await company.slack.wait_for(lambda m: m.channel == rooms.secret and "Severance" in m.text)
    await company.slack.wait_for(lambda m: m.thread_ts == rooms.lunch.ts and "no longer shared" in m.text)
    assert "Severance" not in company.told(rooms.open)


async def test_status_shows_counts_and_titles_of_ones_own_channels_only(
    company: Company, rooms: Rooms
) -> None:
    status = await company.fm(rooms.bob, rooms.open, "status")
    assert "1 indexed" in status
    assert "Lunch plan" in status
    assert "Merger" not in status


async def test_status_counts_no_file_out_of_reach_before_ones_own_in_the_queue(
    company: Company, rooms: Rooms
) -> None:
    company.slack.faults.add("download", how="hang", times=99)
    try:
        for number in range(6):
            await company.slack.share(rooms.alice, rooms.secret, f"deal{number}.txt", b"deal %d" % number)
        await company.calm()
        mine = await company.slack.share(rooms.bob, rooms.open, "mine.txt", b"mine")
        status = await company.fm(rooms.bob, rooms.open, "status")
    finally:
        company.slack.faults.clear()
    assert mine.file_id in status, "its name is not known before it is read"
    assert "before it" not in status
    assert "deal" not in status


async def test_a_search_counts_only_the_askers_channels(company: Company, rooms: Rooms) -> None:
    assert "1 channel" in await company.fm(rooms.bob, rooms.open, "search qwertyuiop")
    assert "2 channels" in await company.fm(rooms.alice, rooms.open, "search qwertyuiop")


async def test_the_nearest_titles_are_of_files_within_reach(company: Company, rooms: Rooms) -> None:
    for question in ("mergr memmo", "Merger memo of acme", "lunch plam"):
        assert "Merger" not in (await company.fm(rooms.bob, rooms.open, f"search {question}")).replace(
            question, ""
        )


@pytest.mark.parametrize("command", ["retry", "forget"])
async def test_a_file_out_of_reach_is_spoken_of_as_one_that_does_not_exist(
    company: Company, rooms: Rooms, command: str
) -> None:
    for word in ("Merger memo", "Merger memo.txt", rooms.merger.file_id):
        hidden = await company.fm(rooms.bob, rooms.open, f"{command} {word}")
        missing = await company.fm(rooms.bob, rooms.open, f"{command} nothing of that name")
        assert hidden.replace(word, "…") == missing.replace("nothing of that name", "…")


async def test_a_channel_out_of_reach_is_spoken_of_as_one_that_does_not_exist(
    company: Company, rooms: Rooms
) -> None:
    name = company.slack.workspace.channels[rooms.secret].name
    by_id = await company.fm(rooms.bob, rooms.open, f"search in:<#{rooms.secret}|{name}> zanzibar")
    assert "acquired" not in by_id
    hidden = await company.fm(rooms.bob, rooms.open, f"search in:#{name} plan")
    missing = await company.fm(rooms.bob, rooms.open, "search in:#nowhere plan")
    assert hidden.replace(name, "…") == missing.replace("nowhere", "…")
    for command in ("ignore", "unignore", "settings ignore"):
        hidden = await company.fm(rooms.bob, rooms.open, f"{command} <#{rooms.secret}|>")
        assert hidden == await company.fm(rooms.bob, rooms.open, f"{command} <#C0NOWHERE|>")


async def test_a_button_pressed_by_somebody_else_does_what_they_may_do(
    company: Company, rooms: Rooms
) -> None:
    question = await company.asked(rooms.alice, rooms.secret, "forget Merger memo")
    assert "Shall I forget" in shown(question)
    assert "not there" in await pressed(company, rooms.bob, question, "fm_forget_confirm")
    assert "acquired" in await company.fm(rooms.alice, rooms.secret, "search zanzibar")


async def test_a_button_of_an_old_message_does_what_its_presser_may_do_now(
    company: Company, rooms: Rooms
) -> None:
    boss = company.person("boss", admin=True)
    await company.slack.join(boss, rooms.open)
    question = await company.asked(boss, rooms.open, "forget Lunch plan")
    await company.slack.change_user(boss, is_admin=False)
    await company.calm()
    assert "Only whoever uploaded" in await pressed(company, boss, question, "fm_forget_confirm")
    assert "soup" in await company.fm(rooms.bob, rooms.open, "search soup")


async def test_the_app_s_page_shows_nothing_of_a_channel_that_somebody_left(
    company: Company, rooms: Rooms
) -> None:
    assert "Merger memo" in await company.home(rooms.alice)
    await company.slack.leave(rooms.alice, rooms.secret)
    await company.calm()
    page = await company.home(rooms.alice)
    assert "1 indexed" in page
    assert "Merger" not in page


async def test_the_command_line_search_finds_no_file_of_slack(company: Company, rooms: Rooms) -> None:
    del rooms
    folder = company.bot.core.ingest.spool.parent
    async with local(settings_for(company.slack, folder), read_only=True) as here:
        result = await here.search("zanzibar soup", 20)
    assert result.passages == ()
    assert result.nearest == ()


async def test_metrics_hold_counts_and_no_titles_words_or_questions(company: Company, rooms: Rooms) -> None:
    await company.fm(rooms.alice, rooms.secret, "search zanzibar")
    async with aiohttp.ClientSession() as session, session.get(f"{company.bot.url}/metrics") as response:
        exposed = await response.text()
    assert "faultmaven_documents" in exposed
    for word in ("Merger", "zanzibar", rooms.alice, rooms.secret, rooms.merger.file_id):
        assert word not in exposed


async def test_logs_hold_no_titles_words_questions_or_tokens(
    company: Company, rooms: Rooms, capfd: pytest.CaptureFixture[str]
) -> None:
    await company.file(rooms.alice, rooms.secret, "Layoff list", "yokohama closes")
    await company.fm(rooms.alice, rooms.secret, "search yokohama")
    await company.slack.share(rooms.alice, rooms.secret, "Layoff empty.pdf", b"no pdf")
    await company.slack.wait_for(lambda m: "Could not index" in m.text and "Layoff" in m.text)
    company.slack.faults.add("users.conversations", status=500, times=9)
    await company.slack.leave(rooms.alice, rooms.open)
    await company.fm(rooms.alice, rooms.secret, "search yokohama")
    company.slack.faults.clear()
    out, err = capfd.readouterr()
    logged = out + err
    assert "membership_unknown" in logged, "it was logged"
    for word in ("Layoff", "yokohama", company.slack.bot_token, company.slack.app_token):
        assert word not in logged
