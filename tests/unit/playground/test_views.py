from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.model import WorkspaceError
from bot.playground.refusal import Refusal
from bot.playground.server import Playground
from bot.playground.triggers import LIFETIME_S, Triggers

TEXT = {"type": "plain_text", "text": "Words"}
FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "private_metadata": "secret of the app",
    "title": TEXT,
    "submit": TEXT,
    "blocks": [
        {
            "type": "input",
            "block_id": "field",
            "label": TEXT,
            "element": {"type": "plain_text_input", "action_id": "written", "multiline": True},
        }
    ],
}


class App:
    """An app over HTTP that acks with what it was told to."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.ack: Any = None

    async def handle(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        if form:  # else it is an event
            self.payloads.append(json.loads(str(form["payload"])) if "payload" in form else form)
        return web.json_response(self.ack) if self.ack is not None else web.Response()


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
async def slack(app: App) -> AsyncIterator[Playground]:
    server = web.Application()
    server.router.add_post("/", app.handle)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Playground.serve(delivery="http") as playground:
        playground.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield playground
    await runner.cleanup()


async def opened(slack: Playground, app: App, view: dict[str, Any] | None = None) -> str:
    """Somebody runs a command, and the app opens a form for them."""
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    await slack.command(alice, ops, "/fm help")
    client = AsyncWebClient(slack.bot_token, slack.api_url)
    await client.views_open(trigger_id=app.payloads[-1]["trigger_id"], view=view or FORM)
    return alice


async def test_a_form_is_opened_for_whoever_did_something(slack: Playground, app: App) -> None:
    alice, bob = await opened(slack, app), slack.add_user("bob")
    async with aiohttp.ClientSession(slack.page_url) as page:
        hers = await (await page.get("/playground/view", params={"user": alice})).json()
        his = await (await page.get("/playground/view", params={"user": bob})).json()
    assert hers["view"]["title"] == TEXT
    assert his == {"view": None}


async def test_what_was_written_comes_to_the_app_and_the_form_closes(slack: Playground, app: App) -> None:
    alice = await opened(slack, app)
    assert await slack.submit(alice, {"field": "it is wrong"}) is None
    payload = app.payloads[-1]
    assert payload["type"] == "view_submission"
    assert payload["user"]["id"] == alice
    view = payload["view"]
    assert (view["callback_id"], view["private_metadata"]) == ("form", "secret of the app")
    assert view["state"]["values"] == {
        "field": {"written": {"type": "plain_text_input", "value": "it is wrong"}}
    }
    assert alice not in slack.workspace.modals
    with pytest.raises(WorkspaceError, match="no form open"):
        await slack.submit(alice, {})


async def test_the_app_may_put_another_form_in_its_place_or_find_fault(slack: Playground, app: App) -> None:
    alice = await opened(slack, app)
    app.ack = {"response_action": "errors", "errors": {"field": "Too short"}}
    assert await slack.submit(alice, {"field": ""}) == "Too short"
    assert app.payloads[-1]["view"]["state"]["values"]["field"]["written"]["value"] is None
    thanks = {"type": "modal", "title": TEXT, "blocks": [{"type": "section", "text": TEXT}]}
    app.ack = {"response_action": "update", "view": thanks}
    assert await slack.submit(alice, {"field": "more"}) is None
    assert slack.workspace.modals[alice]["blocks"] == thanks["blocks"]
    app.ack = {"response_action": "update", "view": {"type": "home"}}
    assert await slack.submit(alice, {}) == "invalid_arguments"


async def test_the_page_sends_and_closes_a_form(slack: Playground, app: App) -> None:
    alice = await opened(slack, app)
    async with aiohttp.ClientSession(slack.page_url) as page:
        sent = await page.post("/playground/view", json={"user": alice, "values": {"field": "yes"}})
        assert (await sent.json()) == {"ok": True}
        refused = await page.post("/playground/view", json={"user": alice, "values": {}})
        assert refused.status == 400
        slack.workspace.show_modal(slack.workspace.user(alice), FORM)
        await page.delete("/playground/view", params={"user": alice})
    assert alice not in slack.workspace.modals
    assert app.payloads[-1]["view"]["state"]["values"]["field"]["written"]["value"] == "yes"


def option(value: str) -> dict[str, Any]:
    return {"text": TEXT, "value": value}


def field(kind: str, **more: object) -> dict[str, Any]:
    """A block with an input of a kind, under the kind's name."""
    element = {"type": kind, "action_id": kind, **more}
    return {"type": "input", "block_id": kind, "label": TEXT, "optional": True, "element": element}


async def test_choices_and_numbers_are_sent_as_slack_sends_them(slack: Playground, app: App) -> None:
    both = [option("a"), option("b")]
    blocks = [
        field("static_select", options=both, initial_option=both[0]),
        field("multi_static_select", options=both, initial_options=[both[1]]),
        field("number_input", is_decimal_allowed=False, min_value="1", max_value="9"),
    ]
    alice = await opened(slack, app, FORM | {"blocks": blocks})
    for wrong in ({"number_input": "10"}, {"static_select": "c"}):
        with pytest.raises(WorkspaceError):
            await slack.submit(alice, wrong)
    values: dict[str, Any] = {
        "static_select": "b",
        "multi_static_select": ["a", "b"],
        "number_input": "3",
    }
    assert await slack.submit(alice, values) is None
    assert app.payloads[-1]["view"]["state"]["values"] == {
        "static_select": {"static_select": {"type": "static_select", "selected_option": both[1]}},
        "multi_static_select": {
            "multi_static_select": {"type": "multi_static_select", "selected_options": both}
        },
        "number_input": {"number_input": {"type": "number_input", "value": "3"}},
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "home"},
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"submit": None},
        {"private_metadata": "x" * 3_001},
        {"callback_id": "x" * 256},
        {"blocks": [{"type": "input", "label": TEXT}]},
        {"blocks": [{"type": "input", "element": FORM["blocks"][0]["element"]}]},
        {"colour": "red"},
        {"blocks": [field("number_input")]},
        {"blocks": [field("number_input", is_decimal_allowed=False, max_value=9)]},
        {"blocks": [field("multi_static_select", options=[option("a")], initial_options=[])]},
        {"blocks": [field("static_select", options=[option("a")], initial_option=option("b"))]},
        {"blocks": [field("overflow", options=[option("a")])]},
    ],
)
async def test_what_slack_does_not_take_is_refused(
    slack: Playground, app: App, wrong: dict[str, Any]
) -> None:
    view = {key: value for key, value in (FORM | wrong).items() if value is not None}
    with pytest.raises(SlackApiError, match="invalid_"):
        await opened(slack, app, view)


def test_a_trigger_works_once_and_for_three_seconds() -> None:
    now = 0.0
    triggers = Triggers(lambda: now)
    first, second = triggers.new("U1"), triggers.new("U2")
    assert triggers.take(first) == "U1"
    for trigger, error in ((first, "exchanged_trigger_id"), ("1.2.x", "invalid_trigger_id")):
        with pytest.raises(Refusal) as refused:
            triggers.take(trigger)
        assert refused.value.error == error
    now = LIFETIME_S + 0.1
    with pytest.raises(Refusal) as refused:
        triggers.take(second)
    assert refused.value.error == "expired_trigger_id"
