from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.server import Playground


class Receiver:
    """An app's request URL: keeps what it got and answers what it was told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        self.answers: list[web.Response] = []
        self.hold: asyncio.Event | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.text()))
        if self.hold:
            await self.hold.wait()
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground.serve(delivery="http", ack_timeout_s=0.3, retry_delays_s=(0, 0, 0)) as playground:
        yield playground


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    target = Receiver()
    app = web.Application()
    app.router.add_post("/slack/events", target.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield target
    await runner.cleanup()


BUTTON = {"type": "button", "action_id": "more", "value": "2", "text": {"type": "plain_text", "text": "More"}}


def bolt_app(slack: Playground) -> AsyncApp:
    """An app of Slack's own making that asks, is pressed and is commanded."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.event("message")
    async def on_message(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401  # Bolt's
        if "bot_id" not in event:
            await say(text="choose", blocks=[{"type": "actions", "elements": [BUTTON]}])

    @app.event("member_joined_channel")
    async def on_join() -> None:
        """Nothing to do."""

    @app.command("/fm")
    async def on_command(ack: Any) -> None:  # noqa: ANN401  # Bolt's
        await ack("at once")

    @app.action("more")
    async def on_press(ack: Any, body: dict[str, Any], respond: Any) -> None:  # noqa: ANN401  # Bolt's
        await ack()
        await respond(text=f"page {body['actions'][0]['value']}", replace_original=True)

    return app


async def test_bolt_over_http_gets_events_commands_and_buttons(slack: Playground) -> None:
    runner = web.AppRunner(bolt_app(slack).web_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", [alice])
        await slack.say(alice, ops, "hello")
        question = await slack.wait_for(lambda m: m.text == "choose")
        assert await slack.press(alice, ops, question.ts, "more") is None
        await slack.wait_for(lambda m: m.ts == question.ts and m.text == "page 2")
        outcome = await slack.command(alice, ops, "/fm help")
        assert outcome.message is not None
        assert (outcome.message.text, outcome.message.only_for) == ("at once", alice)
        await slack.settled()
    finally:
        await runner.cleanup()


async def test_requests_are_signed(slack: Playground, receiver: Receiver) -> None:
    slack.request_url = receiver.url
    slack.add_channel("ops", [slack.add_user("alice")])
    await slack.settled()
    headers, body = receiver.requests[0]
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier("another secret").is_valid_request(body, headers)
    assert json.loads(body)["event"]["type"] == "member_joined_channel"
    assert "x-slack-retry-num" not in headers


async def test_an_event_that_fails_comes_again_with_number_and_reason(
    slack: Playground, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=302), web.Response()]
    slack.request_url = receiver.url
    slack.add_channel("ops", [slack.add_user("alice")])
    await slack.settled()
    retries = [
        (headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason"))
        for headers, _ in receiver.requests
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({json.loads(body)["event_id"] for _, body in receiver.requests}) == 1
    assert slack.deliveries[0].outcome == "acked"


async def test_slow_and_absent_apps_are_tried_four_times(slack: Playground, receiver: Receiver) -> None:
    receiver.hold = asyncio.Event()
    slack.request_url = receiver.url
    slack.add_channel("ops", [slack.add_user("alice")])
    await slack.settled()
    receiver.hold.set()
    assert receiver.requests[1][0]["x-slack-retry-reason"] == "http_timeout"
    assert (slack.deliveries[0].attempts, slack.deliveries[0].outcome) == (4, "lost")
    slack.request_url = "http://127.0.0.1:1/"
    slack.add_channel("general", [slack.add_user("bob")])
    await slack.settled()
    assert slack.deliveries[1].outcome == "lost"


async def test_an_app_can_ask_for_no_retry(slack: Playground, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]
    slack.request_url = receiver.url
    slack.add_channel("ops", [slack.add_user("alice")])
    await slack.settled()
    assert len(receiver.requests) == 1
    assert slack.deliveries[0].outcome == "lost"


async def test_the_request_url_is_verified_by_a_challenge(slack: Playground, receiver: Receiver) -> None:
    assert not await slack.http.verify()
    slack.request_url = receiver.url
    assert not await slack.http.verify()
    challenge = json.loads(receiver.requests[0][1])["challenge"]
    receiver.answers = [web.Response(text=challenge), web.json_response({"challenge": challenge})]
    assert await slack.http.verify()
    assert await slack.http.verify()


async def test_events_wait_for_a_request_url(slack: Playground, receiver: Receiver) -> None:
    slack.add_channel("ops", [slack.add_user("alice")])
    assert not slack.connected
    slack.request_url = receiver.url
    await slack.settled()
    assert len(receiver.requests) == 1


async def test_a_command_is_a_form_and_its_answer_may_be_plain_text_or_json(
    slack: Playground, receiver: Receiver
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    slack.request_url = receiver.url
    receiver.answers = [
        web.Response(text="plain"),
        web.json_response({"text": "for all", "response_type": "in_channel"}),
        web.Response(),
    ]
    outcomes = [await slack.command(alice, ops, "/fm search a & b") for _ in range(3)]
    form = parse_qs(receiver.requests[0][1])
    assert (form["command"], form["text"]) == (["/fm"], ["search a &amp; b"])
    assert [outcome.message and outcome.message.text for outcome in outcomes] == ["plain", "for all", None]
    assert [message.text for message in slack.messages(ops)] == ["for all"]


@pytest.mark.parametrize("trouble", ["slow", "error", "absent", "unset"])
async def test_a_command_that_fails_shows_slacks_words(
    slack: Playground, receiver: Receiver, trouble: str
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    slack.request_url = receiver.url
    match trouble:
        case "slow":
            receiver.hold = asyncio.Event()
        case "error":
            receiver.answers = [web.Response(status=500)]
        case "absent":
            slack.request_url = "http://127.0.0.1:1/"
        case "unset":
            slack.request_url = None
    outcome = await slack.command(alice, ops, "/fm help")
    if receiver.hold:
        receiver.hold.set()
    assert outcome.error == ("operation_timeout" if trouble == "slow" else "dispatch_failed")
