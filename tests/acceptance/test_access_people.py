"""Guests, people of other companies, bots, the deactivated; other workspaces and organizations."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.bot import bot_in
from support.company import OTHER_TEAM, Company, company_in
from support.dialogue import mention, reply_to, whisper_to
from support.slack import shown

from bot.domain import (
    ChannelId,
    Chunk,
    DocumentId,
    FileId,
    FileInfo,
    IndexedDocument,
    Message,
    Query,
    Scope,
    Standing,
    WorkspaceId,
)
from bot.errors import SettingError
from bot.playground.server import Playground
from bot.search.access import NO_READER
from bot.slack.answering import PRIVATELY

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    async with company_in(tmp_path_factory.mktemp("company")) as company:
        yield company


async def answer_to(company: Company, user: str, channel: str, question: str) -> str:
    """What somebody reads after mentioning the bot, be it shown to all or to them alone."""
    ts = await mention(company.slack, user, channel, question)
    shared = shown(await reply_to(company.slack, channel, ts))
    if PRIVATELY in shared:
        shared += shown(await whisper_to(company.slack, user, ts))
    return shared


async def commanded(company: Company, user: str, channel: str, text: str, **changes: str) -> str:
    """A command whose payload isn't quite what this workspace would send."""
    await company.fm(user, channel, "help")
    sent = [one.payload for one in company.slack.deliveries if one.kind == "slash_commands"]
    before = len(company.slack.ephemerals(user))
    await company.slack.dispatcher.request("slash_commands", sent[-1] | {"text": text} | changes)
    await company.slack.until(lambda: len(company.slack.ephemerals(user)) > before)
    return shown(company.slack.ephemerals(user)[-1])


async def test_a_guest_finds_what_is_in_their_channel_and_never_what_is_only_public(company: Company) -> None:
    alice, guest = company.person("alice"), company.person("gus", guest=True)
    theirs, public = company.channel("theirs", alice, guest), company.channel("public", alice)
    await company.file(alice, theirs, "For Gus", "gustatory notes")
    await company.file(alice, public, "For members", "gustatory secrets")
    await company.choose("public on")
    try:
        found = await company.fm(guest, theirs, "search gustatory")
        assert "notes" in found
        assert "secrets" not in found
        assert "1 indexed" in await company.fm(guest, theirs, "status")
    finally:
        await company.choose("public off")


async def test_public_channels_open_to_full_members_with_the_setting_and_close_at_once_without(
    company: Company,
) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    public, lobby = company.channel("public", alice), company.channel("lobby", bob)
    await company.file(alice, public, "Wiki", "the wiki of wombats")
    assert "wombats" not in (await company.fm(bob, lobby, "search wiki")).replace("search wiki", "")
    await company.choose("public on")
    assert "wombats" in await company.fm(bob, lobby, "search wiki of wombats")
    await company.choose("public off")
    assert "the wiki" not in await company.fm(bob, lobby, "search wiki of wombats")


async def test_a_public_channel_that_is_made_private_closes_at_once(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    plans, lobby = company.channel("plans", alice), company.channel("lobby", bob)
    await company.file(alice, plans, "Plans", "xylophone lessons")
    await company.choose("public on")
    try:
        assert "lessons" in await company.fm(bob, lobby, "search xylophone")
        await company.convert(plans, alice, private=True)
        assert "lessons" not in await company.fm(bob, lobby, "search xylophone")
    finally:
        await company.choose("public off")


async def test_a_public_channel_that_is_shared_with_another_company_closes_at_once(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    deals, lobby = company.channel("deals", alice), company.channel("lobby", bob)
    await company.file(alice, deals, "Deals", "harpsichord prices")
    await company.choose("public on")
    try:
        assert "prices" in await company.fm(bob, lobby, "search harpsichord")
        await company.connect(deals)
        assert "prices" not in await company.fm(bob, lobby, "search harpsichord")
    finally:
        await company.choose("public off")


async def test_only_an_admin_changes_the_settings(company: Company) -> None:
    alice = company.person("alice")
    room = company.channel("room", alice)
    for change in ("public on", "retention 30", "log 7"):
        assert "Only admins" in await company.fm(alice, room, f"settings {change}")
    assert "by those who are in it" in await company.fm(alice, room, "settings")


async def test_somebody_of_another_company_gets_only_the_shared_channels_files(company: Company) -> None:
    alice, eve = company.person("alice"), company.stranger()
    joint, inner = company.channel("joint", alice), company.channel("inner", alice)
    await company.connect(joint, eve)
    company.slack.workspace.channels[inner].members.add(eve)  # whatever Slack may list
    await company.file(alice, joint, "Joint", "the joint timetable")
    await company.file(alice, inner, "Inner", "the inner quarrel")
    assert "timetable" in await answer_to(company, eve, joint, "where is the joint timetable?")
    assert "quarrel" not in (await answer_to(company, eve, joint, "what is the inner thing?"))
    assert "Inner" not in await company.home(eve)


@pytest.mark.parametrize("where", ["a command", "a mention"])
async def test_a_deactivated_person_reads_nothing(company: Company, where: str) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    room = company.channel("room", alice, bob)
    await company.file(alice, room, "Rota", "the rota of rabbits")
    await company.slack.change_user(bob, deleted=True)
    await company.calm()
    if where == "a command":
        said = await company.fm(bob, room, "search rota of rabbits")
        assert "active" in said
    else:
        said = await company.home(bob)
        assert "0 indexed" in said
    assert "the rota" not in said


async def test_a_bot_reads_nothing(company: Company) -> None:
    alice = company.person("alice")
    robot = company.slack.workspace.add_user("robot", is_bot=True).id
    room = company.channel("room", alice, robot)
    await company.file(alice, room, "Fuse box", "fuse number nine")
    assert "fuse number" not in await company.fm(robot, room, "search fuse box nine")
    assert "people, not apps" in await company.fm(robot, room, "search fuse box nine")


async def test_whoever_is_made_a_guest_loses_the_public_channels_at_once(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    public, lobby = company.channel("public", alice), company.channel("lobby", bob)
    await company.file(alice, public, "Almanac", "the almanac of otters")
    await company.choose("public on")
    try:
        assert "the almanac" in await company.fm(bob, lobby, "search almanac of otters")
        await company.slack.change_user(bob, is_guest=True)
        assert "the almanac" not in await company.fm(bob, lobby, "search almanac of otters")
    finally:
        await company.choose("public off")


async def test_without_knowing_what_somebody_is_nothing_is_shown(company: Company) -> None:
    alice = company.person("alice")
    room = company.channel("room", alice)
    await company.file(alice, room, "Ledger", "the ledger of lynxes")
    company.slack.faults.add("users.info", error="missing_scope", times=9)
    said = await company.fm(alice, room, "search ledger of lynxes")
    company.slack.faults.clear()
    assert "could not check" in said
    assert "the ledger" not in said


async def test_a_command_in_another_workspaces_name_is_answered_with_nothing(company: Company) -> None:
    alice = company.person("alice")
    room = company.channel("room", alice)
    await company.file(alice, room, "Codes", "the codes of coyotes")
    for text in ("search codes of coyotes", "status", "retry Codes", "forget Codes"):
        said = await commanded(company, alice, room, text, team_id=OTHER_TEAM)
        assert "Codes" not in said.replace(text, "")
        assert "the codes" not in said
    assert NO_READER[Standing.ELSEWHERE] in said


async def test_a_file_of_another_workspace_stays_there_although_the_channels_id_is_the_same(
    company: Company,
) -> None:
    """In Slack Connect and in organizations a channel has one id in several workspaces."""
    alice = company.person("alice")
    room = company.channel("room", alice)
    await company.file(alice, room, "Ours", "our numbat notes")
    core, theirs, file_id = company.bot.core, WorkspaceId(OTHER_TEAM), FileId("F0THEIRS1")
    text = "their numbat notes"
    async with core.database.transaction() as tx:
        await tx.documents.accept(theirs, file_id, Message(ChannelId(room), "1.0"), now=1.0)
        job = await tx.documents.claim(now=2.0, only=theirs)
        assert job is not None
        info = FileInfo(file_id, "t.txt", "Theirs", "text/plain", 9, "hosted", None, None, None)
        await tx.documents.describe(job, info, now=3.0)
        await tx.documents.content(job, "hash", now=3.0)
        await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=4.0)
    document = IndexedDocument(theirs, DocumentId(job.key), 1, "Theirs", frozenset({ChannelId(room)}))
    vectors = await core.ingest.embeddings.embed_documents([text])
    await core.index.write(document, [Chunk(0, 1, 0, len(text), text)], vectors)
    await core.index.publish(document)
    there = Scope(theirs, document.channels)
    assert await core.index.keyword(there, Query("numbat"), 5), "it is there to be found"
    found = await company.fm(alice, room, "search numbat")
    assert "our" in found
    assert "their" not in found
    assert "Theirs" not in await company.fm(alice, room, "status")
    for command in ("retry Theirs", f"forget {file_id}", "search thiers"):
        assert "Theirs" not in (await company.fm(alice, room, command)).replace(command.split()[-1], "")


async def test_ids_and_payloads_of_an_organization_are_understood(company: Company) -> None:
    """Enterprise Grid: ids of people begin with W, events name the organization and another workspace."""
    slack = company.slack
    person = slack.workspace.add_user("wanda")
    slack.workspace.users["W0WANDA01"] = slack.workspace.users.pop(person.id)
    person.id = "W0WANDA01"
    wanda, room = "W0WANDA01", company.channel("wide", "W0WANDA01")
    await slack.share(wanda, room, "grid.txt", b"grid of gazelles", title="Grid")
    await company.calm()
    event = next(d.payload for d in slack.deliveries if d.payload.get("event", {}).get("user_id") == wanda)
    again = copy.deepcopy(event) | {
        "event_id": "EvGRID",
        "team_id": "T0SISTER1",
        "context_team_id": "T0SISTER1",
        "context_enterprise_id": "E0ORG0001",
    }
    again["authorizations"][0]["enterprise_id"] = "E0ORG0001"
    slack.deliver(again)
    await company.calm()
    await slack.wait_for(lambda m: m.text.startswith('Indexed "Grid"'))
    assert "gazelles" in await company.fm(wanda, room, f"search grid from:<@{wanda}>")
    assert "1 indexed" in await company.fm(wanda, room, "status")
    async with company.bot.core.database.transaction() as tx:
        assert await tx.workspaces.get(WorkspaceId("T0SISTER1")) is None


async def test_a_colleague_of_another_workspace_of_the_organization_reads_shared_channels_only(
    company: Company,
) -> None:
    alice = company.person("alice")
    colleague = company.person("colin", team_id="T0SISTER1")
    wide, inner = company.channel("wide", alice), company.channel("inner", alice)
    for channel in (wide, inner):
        company.slack.workspace.channels[channel].members.add(colleague)
    await company.connect(wide)
    await company.file(alice, wide, "Wide", "wide walruses")
    await company.file(alice, inner, "Inner", "inner walruses")
    page = await company.home(colleague)
    assert "Wide" in page
    assert "Inner" not in page


async def test_a_token_of_a_whole_organization_is_refused_with_what_to_do(tmp_path: Path) -> None:
    async with Playground.serve() as slack:
        slack.workspace.org_wide = True
        with pytest.raises(SettingError, match="organization") as refused:
            async with bot_in(slack, tmp_path):
                pass
    assert "one workspace" in refused.value.advice
