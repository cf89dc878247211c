"""What people, channels and workspaces may have forgotten, and that nothing is left of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from support.bot import at_rest, bot_in
from support.company import Company, company_in
from support.rows import rows_with
from support.slack import shown, verdict

from bot.app import Running
from bot.documents.tables import Document
from bot.domain import FileId
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.retention import expire
from bot.ingest.upkeep import Upkeep
from bot.playground import membership
from bot.playground.server import Playground

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY_S = 86_400.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    async with company_in(tmp_path_factory.mktemp("company")) as company:
        yield company


async def later(bot: Running, days: float) -> None:
    """What upkeep forgets when so many days have passed."""
    await expire(_at(bot, days * DAY_S))


def _at(bot: Running, later_s: float) -> IngestPipeline:
    """The write path, so much later."""
    now = bot.core.ingest.clock() + later_s
    return replace(bot.core.ingest, clock=lambda: now)


async def forgotten(company: Company, user: str, channel: str, file: str) -> str:
    """Ask for a file to be forgotten and confirm it; what takes the question's place."""
    question = await company.asked(user, channel, f"forget {file}")
    await company.slack.press(user, channel, question.ts, "fm_forget_confirm")
    await company.slack.until(lambda: "Shall I" not in shown(question))
    return shown(question)


async def find(company: Company, file_id: str) -> Document | None:
    async with company.bot.core.database.transaction() as tx:
        return await tx.documents.find(company.team, FileId(file_id))


async def test_whoever_uploaded_a_file_has_it_forgotten_everywhere_and_for_good(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    ops, dev = company.channel("ops", alice, bob), company.channel("dev", alice)
    shared = await company.file(alice, ops, "Diary", "dear diary of dingoes")
    await company.slack.share_again(shared.file_id, alice, dev)
    await company.slack.wait_for(lambda m: m.channel == dev and m.text.startswith("Indexed"))
    assert "deleted" in await forgotten(company, alice, ops, "Diary")
    await company.slack.wait_for(lambda m: m.thread_ts == shared.ts and "was forgotten" in m.text)
    await company.slack.share_again(shared.file_id, bob, ops)
    await company.slack.change_file(shared.file_id, title="Diary again")
    await at_rest(company.slack, company.bot)
    for user, channel in ((alice, ops), (bob, ops), (alice, dev)):
        assert "dear diary" not in await company.fm(user, channel, "search diary of dingoes")
        assert "Diary" not in await company.fm(user, channel, "status")
    document = await find(company, shared.file_id)
    assert document is not None
    assert (document.title, document.name, document.uploader, document.content_hash) == ("", "", None, None)
    assert document.id not in await company.bot.core.index.inventory(company.team)


async def test_a_cancelled_question_forgets_nothing(company: Company) -> None:
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    await company.file(alice, ops, "Keeper", "keep the kestrels")
    question = await company.asked(alice, ops, "forget keeper")
    await company.slack.press(alice, ops, question.ts, "fm_forget_cancel")
    await company.slack.until(lambda: "Nothing was changed" in shown(question))
    assert "kestrels" in await company.fm(alice, ops, "search keep the kestrels")


async def test_somebody_elses_file_is_forgotten_only_for_an_admin(company: Company) -> None:
    alice, bob, boss = company.person("alice"), company.person("bob"), company.person("boss", admin=True)
    ops = company.channel("ops", alice, bob)
    elsewhere = company.channel("elsewhere", boss)
    shared = await company.file(alice, ops, "Minutes", "minutes of the marmots")
    assert "Only whoever uploaded" in await company.fm(bob, ops, "forget Minutes")
    assert "Minutes" not in (await company.fm(boss, elsewhere, "forget Minutes")).replace("“Minutes”", "")
    question = await company.asked(boss, elsewhere, f"forget {shared.file_id}")
    assert "Minutes" not in shown(question), "being an admin opens no title"
    await company.slack.press(boss, elsewhere, question.ts, "fm_forget_confirm")
    await company.slack.until(lambda: "Shall I" not in shown(question))
    assert "marmots" not in (await company.fm(bob, ops, "search minutes")).replace("marmots?", "")


async def test_whoever_asks_for_it_has_their_questions_and_votes_deleted(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    ops = company.channel("ops", alice, bob)
    await company.fm(alice, ops, "search where is the narwhal")
    await company.fm(bob, ops, "search where is the narwhal")
    ts = await company.slack.say(alice, ops, f"<@{company.slack.bot_user}> narwhal?")
    await company.slack.wait_for(lambda m: m.thread_ts == ts and m.user == company.slack.bot_user)
    await company.slack.wait_for(lambda m: m.only_for == alice and m.thread_ts == ts)
    assert "I deleted" in await company.fm(alice, ops, "forget me")
    assert await rows_with(company.bot, alice, besides={"inbox_event"}) == set()
    assert await rows_with(company.bot, bob, besides={"inbox_event"}) == {"search_log"}
    assert "narwhal" not in await company.home(alice)


async def test_a_channels_member_has_it_ignored_and_everybody_there_is_told(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    ops, dev = company.channel("ops", alice, bob), company.channel("dev", alice)
    shared = await company.file(alice, ops, "Gossip", "gossip of gibbons")
    await company.slack.share_again(shared.file_id, alice, dev)
    await company.slack.wait_for(lambda m: m.channel == dev and m.text.startswith("Indexed"))
    await company.fm(bob, ops, "ignore")
    assert f"<@{bob}> asked me to ignore this channel" in company.told(ops)
    await company.slack.share(alice, ops, "more.txt", b"more gossip of gibbons")
    await company.calm()
    assert "gossip" not in (await company.fm(bob, ops, "search gibbons")).lower()
    assert "0 indexed" in await company.fm(bob, ops, "status")
    assert "gossip" in await company.fm(alice, dev, "search gibbons"), "it is still shared there"
    await Upkeep(_at(company.bot, 2 * DAY_S), purge_after_s=1e9).sweep()
    assert "share" not in await rows_with(company.bot, ops), "although Slack lists it there"
    assert f"#{company.slack.workspace.channels[ops].name}" in await company.fm(bob, ops, "settings")
    name = company.slack.workspace.channels[ops].name
    assert name not in await company.fm(company.person("carol"), await _lobby(company), "settings")
    await company.fm(bob, ops, "unignore")
    offer = await company.slack.wait_for(lambda m: m.channel == ops and "Shall I index" in m.text)
    await company.slack.press(bob, ops, offer.ts, "fm_backfill_start")
    await company.slack.wait_for(lambda m: m.ts == offer.ts and "can be searched" in m.text)
    assert "gossip" in await company.fm(bob, ops, "search gibbons")


async def _lobby(company: Company) -> str:
    """A channel that the last person is in."""
    return company.channel("lobby", list(company.slack.workspace.users)[-1])


async def test_an_ignored_channel_stays_ignored_under_another_id_and_a_new_invitation(
    company: Company,
) -> None:
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    await company.fm(alice, ops, "ignore")
    new = membership.change_id(company.slack.workspace, company.slack.workspace.channel(ops))
    await company.calm()
    await company.slack.leave(company.slack.bot_user, new, removed_by=alice)
    await company.slack.share(alice, new, "hidden.txt", b"hidden hyraxes")
    await company.slack.join(company.slack.bot_user, new)
    await company.slack.share(alice, new, "hidden2.txt", b"hidden hyraxes")
    await at_rest(company.slack, company.bot)
    assert "hyraxes" not in (await company.fm(alice, new, "search hidden")).replace("search", "")
    assert "Shall I index" not in company.told(new)


async def test_what_was_last_shared_before_the_retention_is_forgotten_and_may_be_shared_anew(
    company: Company,
) -> None:
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    shared = await company.file(alice, ops, "Stale", "stale stoats")
    await company.choose("retention 30")
    try:
        await later(company.bot, 29)
        assert "1 indexed" in await company.fm(alice, ops, "status")
        await later(company.bot, 31)
        assert "0 indexed" in await company.fm(alice, ops, "status")
        assert await find(company, shared.file_id) is None
        again = await company.slack.share_again(shared.file_id, alice, ops)
        await verdict(company.slack, again.ts)
        assert "stoats" in await company.fm(alice, ops, "search stale")
    finally:
        await company.choose("retention off")


async def test_what_is_older_than_the_retention_is_not_taken_in(company: Company) -> None:
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    await company.choose("retention 30")
    try:
        shared = await company.slack.share(alice, ops, "old.txt", b"old owls")
        await at_rest(company.slack, company.bot)
        event = next(
            d.payload
            for d in company.slack.deliveries
            if d.payload.get("event", {}).get("files") and d.payload["event"]["ts"] == shared.ts
        )
        event = event | {"event_id": "EvOLD1"}
        event["event"] = event["event"] | {"ts": "1000000000.000100"}
        event["event"]["files"] = [{**event["event"]["files"][0], "id": "F0LONGAGO"}]
        company.slack.deliver(event)
        await company.calm()
    finally:
        await company.choose("retention off")
    assert await find(company, "F0LONGAGO") is None


async def test_searches_are_forgotten_after_as_many_days_as_the_workspace_says(company: Company) -> None:
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    await company.fm(alice, ops, "search for quokkas")
    await company.choose("log 7")
    try:
        await later(company.bot, 6)
        assert await rows_with(company.bot, alice, besides={"inbox_event"}) == {"search_log"}
        await later(company.bot, 8)
        assert await rows_with(company.bot, alice, besides={"inbox_event"}) == set()
    finally:
        await company.choose("log 90")


async def test_a_deleted_files_title_is_gone_after_a_day(company: Company) -> None:
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    shared = await company.file(alice, ops, "Passwords", "pass the possums")
    await company.slack.delete_file(shared.file_id)
    await company.calm()
    await later(company.bot, 2)
    document = await find(company, shared.file_id)
    assert document is not None
    assert (document.title, document.name) == ("", "")


async def test_what_a_killed_process_had_downloaded_is_deleted_after_a_day(company: Company) -> None:
    spool = company.bot.core.ingest.spool
    spool.mkdir(exist_ok=True)
    left = spool / "spool-left"
    left.write_bytes(b"half a secret")
    await later(company.bot, 0.9)
    assert left.exists(), "it may be of a file that is being read"
    await later(company.bot, 1.1)
    assert not left.exists()


async def test_an_event_that_no_listener_would_take_is_not_kept_for_ever(company: Company) -> None:
    body = {"type": "event_callback", "event": {"type": "message", "text": "a parked secret"}}
    async with company.bot.core.database.transaction() as tx:
        now = company.bot.core.ingest.clock()
        await tx.inbox.add("EvPARKED", company.team, "message", body, now=now)
        await tx.inbox.park("EvPARKED", error="why", now=now)
    await later(company.bot, 89)
    assert await rows_with(company.bot, "a parked secret") == {"inbox_event"}
    await later(company.bot, 91)
    assert await rows_with(company.bot, "a parked secret") == set()


async def test_settings_are_shown_to_everybody_and_wrong_ones_are_explained(company: Company) -> None:
    boss = company.person("boss", admin=True)
    ops = company.channel("ops", boss)
    shown_settings = await company.fm(boss, ops, "settings")
    assert "by those who are in it" in shown_settings
    assert "kept for as long as they are shared" in shown_settings
    assert "after 90 days" in shown_settings
    for wrong in (
        "retention 0",
        "retention " + "9" * 5_000,
        "retention soon",
        "log 99999",
        "log 0000199999",
        "colour blue",
        "public maybe",
    ):
        assert "Admins change this" not in await company.fm(boss, ops, f"settings {wrong}")


async def test_help_names_what_people_decide_about_their_data(company: Company) -> None:
    alice = company.person("alice")
    said = await company.fm(alice, company.channel("ops", alice), "help")
    for command in ("/fm forget", "/fm forget me", "/fm ignore", "/fm unignore", "/fm settings"):
        assert command in said


async def test_a_bot_that_comes_back_to_a_channel_asks_for_its_files_anew(company: Company) -> None:
    """What was deleted there meanwhile, nobody told it of."""
    alice = company.person("alice")
    ops = company.channel("ops", alice)
    shared = await company.file(alice, ops, "Meanwhile", "meanwhile meerkats")
    upkeep = Upkeep(company.bot.core.ingest, purge_after_s=1e9)
    while await upkeep.sweep():
        pass
    await company.slack.leave(company.slack.bot_user, ops, removed_by=alice)
    await company.slack.expire_file(shared.file_id)
    await company.slack.join(company.slack.bot_user, ops)
    await company.calm()
    assert await upkeep.sweep() == 1
    assert "meerkats" not in await company.fm(alice, ops, "search meanwhile")


async def test_after_an_uninstall_nothing_is_left_in_database_index_and_spool(tmp_path: Path) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path) as bot:
        company = Company(slack, bot)
        alice = company.person("alice")
        ops = company.channel("ops", alice)
        await company.file(alice, ops, "Payroll", "payroll of pangolins")
        await company.fm(alice, ops, "search payroll")
        await slack.say(alice, ops, f"<@{slack.bot_user}> payroll?")
        await company.calm()
        slack.workspace.uninstall()
        await company.calm()
        await Upkeep(bot.core.ingest, purge_after_s=0.0).look()
        for word in (slack.workspace.team_id, alice, ops, "Payroll", "pangolins"):
            assert await rows_with(bot, word) == set(), word
        assert await bot.core.index.inventory(company.team) == {}
        assert list((tmp_path / "spool").iterdir()) == []
