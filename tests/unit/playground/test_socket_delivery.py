from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import membership
from bot.playground.server import Playground


class Link:
    """One raw Socket Mode connection."""

    def __init__(self, slack: Playground, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._slack = slack
        self.socket = socket

    async def receive(self) -> dict[str, Any]:
        return await self.socket.receive_json(timeout=5)

    async def ack(self, envelope: dict[str, Any], payload: dict[str, Any] | None = None) -> None:
        answer: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        await self.socket.send_json(answer | ({"payload": payload} if payload else {}))

    async def event(self) -> dict[str, Any]:
        """The next event, acked."""
        envelope = await self.receive()
        await self.ack(envelope)
        return envelope["payload"]["event"]


async def address(slack: Playground, http: aiohttp.ClientSession) -> str:
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with http.post(slack.api_url + "apps.connections.open", headers=headers) as response:
        return str((await response.json())["url"])


@asynccontextmanager
async def connected(slack: Playground, http: aiohttp.ClientSession) -> AsyncIterator[Link]:
    async with http.ws_connect(await address(slack, http)) as socket:
        link = Link(slack, socket)
        assert (await link.receive())["type"] == "hello"
        yield link


async def test_slacks_own_client_gets_events_and_commands(slack: Playground, client: AsyncWebClient) -> None:
    app = AsyncApp(client=client)

    @app.event("file_shared")
    async def on_share(event: dict[str, Any], client: AsyncWebClient) -> None:
        file = (await client.files_info(file=event["file_id"]))["file"]
        share = file["shares"]["public"][event["channel_id"]][0]
        await client.chat_postMessage(
            channel=event["channel_id"], thread_ts=share["ts"], text=f"got {file['name']}"
        )

    @app.event("message")
    async def on_message() -> None:
        """Nothing to do."""

    @app.command("/fm")
    async def on_command(ack: Any, respond: Any, command: dict[str, Any]) -> None:  # noqa: ANN401
        await ack()
        await respond(f"you asked: {command['text']}")

    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    await slack.join(slack.bot_user, ops, inviter=alice)
    await slack.leave(alice, ops)
    await slack.join(alice, ops)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    try:
        await handler.connect_async()
        shared = await slack.share(alice, ops, "a.txt", b"x")
        reply = await slack.wait_for(lambda m: m.text == "got a.txt")
        assert reply.thread_ts == shared.ts
        outcome = await slack.command(alice, ops, "/fm search a")
        assert outcome.ok
        answer = await slack.wait_for(lambda m: m.text == "you asked: search a")
        assert answer.only_for == alice
    finally:
        await handler.close_async()


async def test_a_ticket_opens_one_connection(slack: Playground, http: aiohttp.ClientSession) -> None:
    url = await address(slack, http)
    async with http.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(url)


async def test_tickets_can_be_made_to_fail(slack: Playground, http: aiohttp.ClientSession) -> None:
    slack.faults.reject_tickets(1)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(await address(slack, http))
    async with connected(slack, http):
        assert slack.connected


async def test_an_event_is_sent_once_when_it_is_acked(slack: Playground, http: aiohttp.ClientSession) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    async with connected(slack, http) as link:
        await link.event()  # the bot's own joining
        await slack.say(alice, ops, "hello")
        envelope = await link.receive()
        assert envelope["type"] == "events_api"
        assert envelope["accepts_response_payload"] is False
        assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
        await link.ack(envelope)
        await slack.settled()
    assert [delivery.attempts for delivery in slack.deliveries] == [1, 1]
    assert slack.deliveries[-1].ack_s is not None


async def test_an_event_that_is_not_acked_comes_again_with_the_same_id_and_is_lost_in_the_end(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    alice = slack.add_user("alice")
    slack.add_channel("ops", [alice])
    async with connected(slack, http) as link:
        envelopes = [await link.receive() for _ in range(4)]
        await slack.settled()
    assert [(e["retry_attempt"], e["retry_reason"]) for e in envelopes] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({envelope["payload"]["event_id"] for envelope in envelopes}) == 1
    assert len({envelope["envelope_id"] for envelope in envelopes}) == 4
    assert slack.deliveries[0].outcome == "lost"


async def test_an_event_goes_to_another_connection_when_its_own_breaks(http: aiohttp.ClientSession) -> None:
    async with Playground.serve(retry_delays_s=(0, 0, 0)) as slack, connected(slack, http) as broken:
        slack.add_channel("ops", [slack.add_user("alice")])
        envelope = await broken.receive()
        slack.socket.drop()
        async with connected(slack, http) as link:
            again = await link.receive()
            await link.ack(again)
            await slack.settled()
    assert again["payload"] == envelope["payload"]
    assert again["retry_attempt"] == 1


async def test_each_event_goes_to_one_of_several_connections(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice], with_bot=False)
    async with connected(slack, http) as one, connected(slack, http) as two:
        await slack.join(slack.bot_user, ops)
        await slack.say(alice, ops, "hello")
        kinds = {(await one.event())["type"], (await two.event())["type"]}
        await slack.settled()
    assert kinds == {"member_joined_channel", "message"}


async def test_an_eleventh_connection_is_turned_away(slack: Playground, http: aiohttp.ClientSession) -> None:
    sockets = [await http.ws_connect(await address(slack, http)) for _ in range(11)]
    answer = await sockets[-1].receive_json(timeout=5)
    assert (answer["reason"], answer["num_connections"]) == ("too_many_websockets", 11)
    for socket in sockets:
        await socket.close()


async def test_after_a_refresh_request_nothing_new_comes_over_the_old_connection(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    async with connected(slack, http) as old:
        await slack.socket.refresh()
        assert (await old.receive())["reason"] == "refresh_requested"
        assert not slack.connected
        async with connected(slack, http) as new:
            slack.add_channel("ops", [slack.add_user("alice")])
            assert (await new.event())["type"] == "member_joined_channel"


async def test_events_wait_for_the_first_connection(slack: Playground, http: aiohttp.ClientSession) -> None:
    slack.add_channel("ops", [slack.add_user("alice")])
    async with connected(slack, http) as link:
        assert (await link.event())["type"] == "member_joined_channel"
        await slack.settled()


@pytest.mark.parametrize("delivery", ["socket", "http"])
async def test_an_event_is_lost_when_no_app_turns_up(delivery: Literal["socket", "http"]) -> None:
    async with Playground.serve(delivery=delivery, wait_s=0.01) as slack:
        slack.add_channel("ops", [slack.add_user("alice")])
        await slack.settled()
        assert [found.outcome for found in slack.deliveries] == ["lost"]


async def test_a_raw_event_can_be_sent_again_as_slack_would(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    body = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "anything"}}
    async with connected(slack, http) as link:
        delivery = slack.deliver(body, attempt=2, reason="timeout")
        envelope = await link.receive()
        await link.ack(envelope)
        await slack.settled()
    assert (envelope["payload"], envelope["retry_attempt"]) == (body, 2)
    assert delivery.outcome == "acked"


async def test_nonsense_from_the_app_is_ignored(slack: Playground, http: aiohttp.ClientSession) -> None:
    async with connected(slack, http) as link:
        for nonsense in ("{", "[]", '{"envelope_id": "unknown"}', "{}"):
            await link.socket.send_str(nonsense)
        slack.add_channel("ops", [slack.add_user("alice")])
        assert (await link.event())["type"] == "member_joined_channel"


async def told(
    slack: Playground, http: aiohttp.ClientSession, then: Callable[[], None] = lambda: None
) -> list[str]:
    """The types of everything that the app is told, so far and of what `then` does."""
    found: list[str] = []
    async with connected(slack, http) as link:
        reader = asyncio.create_task(_collect(link, found))
        then()
        await slack.settled()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    return found


async def _collect(link: Link, found: list[str]) -> None:
    while True:
        found.append((await link.event())["type"])


async def test_the_app_is_told_only_of_channels_it_is_in(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    alice = slack.add_user("alice")
    elsewhere = slack.add_channel("elsewhere", [alice], with_bot=False)
    await slack.say(alice, elsewhere, "hello")
    await slack.share(alice, elsewhere, "a.txt", b"x")
    ops = slack.add_channel("ops", [alice])
    await slack.leave(slack.bot_user, ops)
    await slack.say(alice, ops, "now that it is gone")
    assert await told(slack, http) == ["member_joined_channel", "channel_left"]


async def test_the_app_is_told_of_a_files_fate_where_it_may_see_the_file(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    elsewhere = slack.add_channel("elsewhere", [alice], with_bot=False)
    seen = await slack.share(alice, ops, "a.txt", b"x")
    unseen = await slack.share(alice, elsewhere, "b.txt", b"x")
    for shared in (seen, unseen):
        await slack.change_file(shared.file_id, title="new")
    await slack.unshare(seen.file_id, alice, ops)
    again = await slack.share(alice, ops, "c.txt", b"x")
    await slack.delete_file(again.file_id)
    await slack.expire_file(unseen.file_id)
    kinds = [kind for kind in await told(slack, http) if kind.startswith("file_")]
    assert kinds == ["file_shared", "file_change", "file_unshared", "file_shared", "file_deleted"]


async def test_the_app_is_told_nothing_for_which_it_lacks_the_scope(http: aiohttp.ClientSession) -> None:
    async with Playground.serve(withhold=["channels:history", "groups:read"]) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", [alice])
        room = slack.add_channel("room", [alice], is_private=True)
        await slack.say(alice, ops, "unheard")
        await slack.say(alice, room, "heard")
        assert await told(slack, http) == ["member_joined_channel", "message"]


async def test_the_app_is_told_of_its_own_messages_and_of_the_end(
    slack: Playground, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    ts = (await client.chat_postMessage(channel=ops, text="a"))["ts"]
    await client.chat_update(channel=ops, ts=ts, text="b")
    await client.chat_postEphemeral(channel=ops, user=alice, text="c")
    membership.delete_channel(slack.workspace, slack.workspace.channel(ops), slack.workspace.user(alice))
    assert await told(slack, http, then=slack.workspace.uninstall) == [
        "member_joined_channel",
        "message",
        "message",
        "channel_deleted",
        "app_uninstalled",
        "tokens_revoked",
    ]
