"""Admins choose on the app's own page; nobody else sees the form, nor can send it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.company import Company, company_in
from support.slack import texts

from bot.playground.modals import Modals
from bot.slack.render_settings import CHANGE, FORM, IGNORED, LOG, PUBLIC, RETENTION


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    async with company_in(Path(tmp_path_factory.mktemp("company"))) as company:
        yield company


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def opened(company: Company, admin: str) -> dict[str, Any]:
    """The form that an admin opens from their page."""
    modals = company.slack.workspace.modals
    modals.pop(admin, None)
    await company.home(admin)
    assert await company.slack.press_home(admin, CHANGE) is None
    await company.slack.until(lambda: admin in modals)
    return modals[admin]


async def settled_home(company: Company, admin: str, words: str) -> str:
    """The admin's page once it says so."""
    views = company.slack.workspace.home_views
    await company.slack.until(lambda: words in "\n".join(texts(views[admin]["blocks"])))
    return "\n".join(texts(views[admin]["blocks"]))


async def test_an_admin_changes_settings_on_the_page_and_a_channel_is_told_that_it_is_ignored(
    company: Company,
) -> None:
    admin = company.person("admin", admin=True)
    ops, other = company.channel("ops", admin), company.channel("elsewhere", company.person("bob"))
    assert "Settings of this workspace" in await company.home(admin)
    form = await opened(company, admin)
    options = [one["value"] for one in form["blocks"][-1]["element"]["options"]]
    assert ops in options
    assert other not in options
    filled = {PUBLIC: "on", RETENTION: "90", LOG: "30", IGNORED: [ops]}
    assert await company.slack.submit(admin, filled) is None
    page = await settled_home(company, admin, "The settings are saved.")
    for sentence in ("found by every full member", "forgotten 90 days after", "forgotten after 30 days"):
        assert sentence in page
    assert "asked me to ignore this channel" in company.told(ops)

    form = await opened(company, admin)
    [marked] = form["blocks"][-1]["element"]["initial_options"]
    assert marked["value"] == ops
    assert await company.slack.submit(admin, {PUBLIC: "off", LOG: "90"}) is None
    page = await settled_home(company, admin, "found by those who are in it")
    assert "kept for as long as they are shared" in page
    await company.slack.until(lambda: "index this channel again" in company.told(ops))


async def test_a_number_of_days_that_makes_no_sense_stays_in_the_form(company: Company) -> None:
    admin = company.person("admin", admin=True)
    form = await opened(company, admin)
    state = {RETENTION: {RETENTION: {"value": "99999"}}, LOG: {LOG: {"value": "0"}}}
    answer = await sent(company, admin, form, state)
    assert answer["response_action"] == "errors"
    assert answer["errors"].keys() == {RETENTION, LOG}


async def sent(company: Company, user: str, form: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """What the bot acks to a `view_submission` that claims to be this one's."""
    slack = company.slack
    payload = Modals(slack.workspace, slack.dispatcher).about(slack.workspace.user(user), form, state)
    payload |= {"type": "view_submission", "response_urls": []}
    delivery = await slack.dispatcher.request("interactive", payload)
    assert delivery.outcome == "acked"
    return delivery.response or {}


async def test_a_forged_form_of_somebody_who_is_no_admin_changes_nothing(company: Company) -> None:
    admin, mallory = company.person("admin", admin=True), company.person("mallory")
    ops = company.channel("ops", admin, mallory)
    before = await company.fm(mallory, ops, "settings")
    form = await opened(company, admin)
    option = form["blocks"][0]["element"]["options"][1]
    channels = [one for one in form["blocks"][-1]["element"]["options"] if one["value"] == ops]
    state = {
        PUBLIC: {PUBLIC: {"selected_option": option}},
        RETENTION: {RETENTION: {"value": "1"}},
        LOG: {LOG: {"value": "1"}},
        IGNORED: {IGNORED: {"selected_options": channels}},
    }
    answer = await sent(company, mallory, form, state)
    assert "Only admins" in answer["errors"][LOG]
    company.slack.workspace.user(admin).is_admin = False  # and no event has told of it yet
    answer = await sent(company, admin, form, state)
    assert "Only admins" in answer["errors"][LOG]
    assert form["callback_id"] == FORM
    assert await company.fm(mallory, ops, "settings") == before
    assert "asked me to ignore" not in company.told(ops)


async def test_who_is_no_admin_sees_no_settings_on_the_page_and_opens_no_form(company: Company) -> None:
    admin, bob = company.person("admin", admin=True), company.person("bob")
    await company.home(admin)
    assert "Settings of this workspace" not in await company.home(bob)
    views = company.slack.workspace.home_views
    views[bob] = views[admin]  # as if he had got hold of the button
    await company.slack.press_home(bob, CHANGE)
    await company.slack.until(lambda: "Only admins" in "\n".join(texts(views[bob]["blocks"])))
    assert bob not in company.slack.workspace.modals


async def test_suggested_questions_name_files_that_one_may_read_and_no_others(company: Company) -> None:
    alice, bob = company.person("alice"), company.person("bob")
    room = company.channel("room", alice, private=True)
    await company.file(alice, room, "layoff-plan <!channel>", "The plan is to lay off nobody at all.")
    prompts = company.slack.workspace.prompts
    for person in (alice, bob):
        await company.slack.open_home(person, tab="messages")
        direct = company.slack.direct_channel(person)
        await company.slack.until(partial(prompts.__contains__, direct))
    hers, his = (prompts[company.slack.direct_channel(one)] for one in (alice, bob))
    assert hers[0] == {"title": "What does layoff plan !channel say?", "message": hers[0]["title"]}
    assert "layoff" not in str(his)
    assert [one["message"] for one in his] == ["status", "help"]

    said = await company.slack.say(alice, company.slack.direct_channel(alice), hers[0]["message"])
    answer = await company.slack.wait_for(
        lambda m: m.thread_ts == said and m.user == company.slack.bot_user and not m.streaming
    )
    assert "lay off nobody" in "\n".join(texts(answer.blocks or []))

    await company.slack.leave(alice, room)
    await company.calm()
    prompts.clear()
    await company.slack.open_home(alice, tab="messages")
    await company.slack.until(lambda: prompts)
    assert "layoff" not in str(prompts)
