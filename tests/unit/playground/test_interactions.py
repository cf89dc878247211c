from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.playground.interactions import Interactions
from bot.playground.model import WorkspaceError
from bot.playground.server import Playground

PAYLOADS = Path(__file__).parents[4] / "shared" / "slack" / "payloads"


class App:
    """An app over HTTP that acks with what it was told to."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.ack: Any = None

    async def handle(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
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


def keys(value: object) -> object:
    return {key: keys(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def example(name: str) -> dict[str, Any]:
    if not PAYLOADS.is_dir():
        pytest.skip("needs the collection of Slack payloads beside the checkout")
    return json.loads((PAYLOADS / f"{name}.json").read_text())


async def test_a_command_looks_like_slacks(slack: Playground, app: App) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    await slack.command(alice, ops, "/fm search how do I fail over #ops")
    payload = app.payloads[0]
    assert keys(payload) == keys(example("command.fm_search"))
    assert payload["text"] == f"search how do I fail over <#{ops}|ops>"
    assert (payload["channel_name"], payload["user_name"]) == ("ops", "alice")


async def test_commands_that_are_not_declared_or_typed_elsewhere_are_refused(slack: Playground) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [slack.add_user("bob")], with_bot=False)
    with pytest.raises(WorkspaceError, match="not a valid command"):
        await slack.command(alice, ops, "/ask something")
    with pytest.raises(WorkspaceError, match="Join the channel first"):
        await slack.command(alice, ops, "/fm help")


async def test_a_private_channels_name_is_not_told_to_the_app(slack: Playground, app: App) -> None:
    alice = slack.add_user("alice")
    room = slack.add_channel("room", [alice], is_private=True, with_bot=False)
    await slack.command(alice, room, "/fm search in #room")
    assert app.payloads[0]["channel_name"] == "privategroup"
    assert app.payloads[0]["text"] == f"search in <#{room}|>"
    await slack.command(alice, slack.direct_channel(alice), "/fm help")
    assert app.payloads[1]["channel_name"] == "directmessage"


async def test_an_ack_that_slack_would_not_show_is_an_error(slack: Playground, app: App) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    app.ack = {"blocks": [{"type": "nothing"}]}
    assert (await slack.command(alice, ops, "/fm help")).error == "invalid_blocks"


async def test_a_response_url_answers_five_times_even_where_the_bot_is_not(slack: Playground) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    url = (await slack.command(alice, ops, "/fm help")).payload["response_url"]
    hook = AsyncWebhookClient(url)
    assert (await hook.send(text="to her")).body == "ok"
    assert (await hook.send(text="to all", response_type="in_channel")).status_code == 200
    for number in range(3):
        assert (await hook.send(text=str(number))).status_code == 200
    used = await hook.send(text="once more")
    assert (used.status_code, json.loads(used.body)["error"]) == (404, "used_url")
    assert [message.text for message in slack.ephemerals(alice)] == ["to her", "0", "1", "2"]
    assert [message.text for message in slack.messages(ops)] == ["to all"]


async def test_a_response_url_lives_half_an_hour(slack: Playground, http: aiohttp.ClientSession) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    now = [0.0]
    later = Interactions(slack.workspace, slack.manifest, slack.dispatcher, slack.faults, now=lambda: now[0])
    outcome = await later.command(slack.workspace.user(alice), slack.workspace.channel(ops), "/fm help")
    server = web.Application()
    server.router.add_post("/response/{id}", later.handle_response)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    path = outcome.payload["response_url"].removeprefix(slack.page_url)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/{path}"
    now[0] = 1799.0
    async with http.post(url, json={"text": "in time"}) as response:
        assert response.status == 200
    now[0] = 1801.0
    async with http.post(url, json={"text": "too late"}) as response:
        assert (response.status, (await response.json())["error"]) == (404, "expired_url")
    await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "invalid_payload"),
        (b"[]", "invalid_payload"),
        (b'{"text": "x", "channel": "C1"}', "invalid_payload"),
        (b"{}", "no_text"),
        (b'{"blocks": [{"type": "nothing"}]}', "invalid_blocks"),
    ],
)
async def test_a_wrong_response_is_refused_and_costs_no_use(
    slack: Playground, http: aiohttp.ClientSession, body: bytes, error: str
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    url = (await slack.command(alice, ops, "/fm help")).payload["response_url"]
    for _ in range(6):
        async with http.post(url, data=body) as response:
            assert (response.status, (await response.json())["error"]) == (400, error)


def buttons() -> list[dict[str, Any]]:
    text = {"type": "plain_text", "text": "x"}
    return [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "x"},
            "accessory": {"type": "overflow", "action_id": "menu", "options": [{"text": text, "value": "1"}]},
        },
        {
            "type": "actions",
            "block_id": "pages",
            "elements": [{"type": "button", "action_id": "more", "text": text, "value": "2"}],
        },
        {
            "type": "context_actions",
            "block_id": "fb1",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "fm_feedback",
                    "positive_button": {"text": text, "value": "good"},
                    "negative_button": {"text": text, "value": "bad"},
                }
            ],
        },
    ]


async def test_pressing_looks_like_slacks(slack: Playground, app: App) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    await slack.settled()
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    root = await slack.say(alice, ops, "question")
    ts = (await client.chat_postMessage(channel=ops, text="answer", blocks=buttons(), thread_ts=root))["ts"]
    await slack.settled()
    app.payloads.clear()
    assert await slack.press(alice, ops, ts, "fm_feedback", value="good") is None
    ours, theirs = app.payloads[0], example("interaction.block_actions.feedback_buttons")
    assert ours.keys() == theirs.keys()
    assert ours["container"].keys() == theirs["container"].keys()
    assert ours["actions"][0].keys() == theirs["actions"][0].keys()
    assert ours["message"]["thread_ts"] == root
    await slack.press(alice, ops, ts, "menu", value="1")
    assert app.payloads[1]["actions"][0]["selected_option"]["value"] == "1"
    await slack.press(alice, ops, ts, "more", block_id="pages")
    assert app.payloads[2]["actions"][0]["value"] == "2"
    for action, value in (("nothing", None), ("menu", "7"), ("fm_feedback", None)):
        with pytest.raises(WorkspaceError, match="nothing like that"):
            await slack.press(alice, ops, ts, action, value=value)


async def test_an_ephemeral_message_is_replaced_or_removed_through_its_button(
    slack: Playground, app: App
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await client.chat_postEphemeral(channel=ops, user=alice, text="page 1", blocks=buttons())
    await slack.settled()
    app.payloads.clear()
    await slack.press(alice, ops, slack.ephemerals(alice)[0].ts, "more")
    assert app.payloads[0]["container"]["is_ephemeral"] is True
    assert "message" not in app.payloads[0]
    hook = AsyncWebhookClient(app.payloads[0]["response_url"])
    await hook.send(text="page 2", replace_original=True, response_type="in_channel")
    assert [message.text for message in slack.ephemerals(alice)] == ["page 2"]
    assert slack.messages(ops) == []
    await hook.send(delete_original=True)
    assert slack.ephemerals(alice) == []


async def test_nobody_presses_what_they_do_not_see(slack: Playground) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", [alice, bob])
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await client.chat_postEphemeral(channel=ops, user=alice, text="x", blocks=buttons())
    with pytest.raises(WorkspaceError, match="no such message"):
        await slack.press(bob, ops, slack.ephemerals(alice)[0].ts, "more")


async def test_waiting_ends_with_what_there_was(slack: Playground) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    await slack.say(alice, ops, "something else")
    with pytest.raises(TimeoutError, match="something else"):
        await slack.wait_for(lambda m: m.text == "never", timeout_s=0.01)
    waiting = asyncio.create_task(slack.wait_for(lambda m: m.text == "soon"))
    await slack.say(alice, ops, "soon")
    assert (await waiting).text == "soon"


async def test_a_message_shortcut_carries_its_message_to_the_app(slack: Playground, app: App) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    ts = await slack.say(alice, ops, "how?")
    assert await slack.shortcut(alice, ops, ts, "fm_ask_message") is None
    payload = next(payload for payload in app.payloads if payload.get("type") == "message_action")
    assert (payload["message"]["text"], payload["message_ts"]) == ("how?", ts)
    with pytest.raises(WorkspaceError, match="no shortcut"):
        await slack.shortcut(alice, ops, ts, "shout")
