from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.page_actions import MAX_NAME, _safe_name
from bot.playground.page_api import STATIC
from bot.playground.server import Playground


class Page:
    """A page's requests as one person."""

    def __init__(self, slack: Playground, http: aiohttp.ClientSession, user: str) -> None:
        self._http = http
        self._base = slack.page_url
        self.user = user

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        async with self._http.get(self._base + path, params={"user": self.user, **query}) as response:
            return {"status": response.status} | await response.json()

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        async with self._http.post(self._base + path, json={"user": self.user, **body}) as response:
            return {"status": response.status} | await response.json()

    async def delete(self, path: str, **query: str) -> dict[str, Any]:
        async with self._http.delete(self._base + path, params={"user": self.user, **query}) as response:
            return {"status": response.status} | await response.json()

    async def upload(self, channel: str, name: str, data: bytes, **fields: str) -> dict[str, Any]:
        form = aiohttp.FormData({"user": self.user, "channel": channel, **fields}, quote_fields=False)
        form.add_field("file", data, filename=name)
        async with self._http.post(self._base + "playground/files", data=form) as response:
            return {"status": response.status} | await response.json()

    async def texts(self, channel: str, **query: str) -> list[str]:
        found = await self.get("playground/messages", channel=channel, **query)
        return [message["text"] for message in found["messages"]]


@pytest.fixture
def alice(slack: Playground, http: aiohttp.ClientSession) -> Page:
    return Page(slack, http, slack.add_user("alice"))


@pytest.fixture
def bob(slack: Playground, http: aiohttp.ClientSession) -> Page:
    return Page(slack, http, slack.add_user("bob"))


async def test_the_state_shows_a_person_their_channels_and_the_bot(
    slack: Playground, alice: Page, bob: Page
) -> None:
    slack.add_channel("ops", [alice.user])
    slack.add_channel("hers", [alice.user], is_private=True)
    slack.add_channel("his", [bob.user], is_private=True)
    state = await alice.get("playground/state")
    channels = {channel["name"]: channel for channel in state["channels"]}
    assert channels.keys() == {"ops", "hers", "FaultMaven"}
    assert channels["FaultMaven"]["is_im"] is True
    assert state["workspace"]["name"] == "Acme"
    assert (state["me"], state["bot"]["connected"]) == (alice.user, False)
    assert [user["name"] for user in state["users"]] == ["faultmaven", "alice", "bob"]
    assert state["commands"][0]["command"] == "/fm"
    his = await bob.get("playground/state")
    ops = next(channel for channel in his["channels"] if channel["name"] == "ops")
    assert (ops["is_member"], ops["bot_is_member"]) == (False, True)


async def test_a_guest_sees_only_channels_they_are_in(
    slack: Playground, http: aiohttp.ClientSession, alice: Page
) -> None:
    guest = Page(slack, http, slack.add_user("gwen", guest=True))
    ops = slack.add_channel("ops", [alice.user])
    assert [channel["name"] for channel in (await guest.get("playground/state"))["channels"]] == [
        "FaultMaven"
    ]
    assert (await guest.get("playground/messages", channel=ops))["status"] == 404


async def test_what_one_writes_is_read_with_names_linked(slack: Playground, alice: Page, bob: Page) -> None:
    ops = slack.add_channel("ops", [alice.user, bob.user])
    sent = await alice.post("playground/messages", channel=ops, text="see <b> #ops, @bob & @faultmaven")
    assert sent["ok"] is True
    text = f"see &lt;b&gt; <#{ops}>, <@{bob.user}> &amp; <@{slack.bot_user}>"
    assert await bob.texts(ops) == [text]
    await bob.post("playground/messages", channel=ops, text="thanks", thread_ts=sent["ts"])
    assert await alice.texts(ops, thread_ts=sent["ts"]) == [text, "thanks"]
    root = (await alice.get("playground/messages", channel=ops))["messages"][0]
    assert (root["reply_count"], root["thread_ts"]) == (1, sent["ts"])
    assert root["username"] == "Alice"


async def test_unread_messages_of_others_are_counted_until_they_are_fetched(
    slack: Playground, alice: Page, bob: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user, bob.user])
    await slack.say(bob.user, ops, "before she came")

    async def unread() -> int:
        state = await alice.get("playground/state")
        return next(channel["unread"] for channel in state["channels"] if channel["id"] == ops)

    assert await unread() == 0
    await slack.say(bob.user, ops, "one")
    await slack.say(alice.user, ops, "her own")
    assert await unread() == 1
    await alice.texts(ops)
    assert await unread() == 0


async def test_an_ephemeral_message_is_on_one_persons_page_alone(
    slack: Playground, client: AsyncWebClient, alice: Page, bob: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user, bob.user])
    await client.chat_postEphemeral(channel=ops, user=alice.user, text="psst")
    shown = (await alice.get("playground/messages", channel=ops))["messages"]
    assert [(message["text"], message["ephemeral"]) for message in shown] == [("psst", True)]
    assert await bob.texts(ops) == []
    assert (await bob.delete("playground/messages", channel=ops, ts=shown[0]["ts"]))["status"] == 404
    assert (await alice.delete("playground/messages", channel=ops, ts=shown[0]["ts"]))["ok"] is True
    assert await alice.texts(ops) == []


async def test_a_file_is_uploaded_shown_downloaded_and_deleted(
    slack: Playground, http: aiohttp.ClientSession, alice: Page, bob: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user])
    sent = await alice.upload(ops, "C:\\tmp\\runbook.pdf", b"%PDF-1.7", text="here & now")
    message = (await alice.get("playground/messages", channel=ops))["messages"][0]
    assert (message["ts"], message["text"]) == (sent["ts"], "here &amp; now")
    file = message["files"][0]
    assert (file["name"], file["size"], file["pretty_type"]) == ("runbook.pdf", 8, "PDF")
    async with http.get(slack.page_url + file["url"].removeprefix("/")) as response:
        assert await response.read() == b"%PDF-1.7"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    path = f"playground/files/{sent['file_id']}"
    assert (await bob.delete(path))["error"] == "cant_delete_file"
    assert (await alice.delete(path))["ok"] is True
    message = (await alice.get("playground/messages", channel=ops))["messages"][0]
    assert (message["files"][0]["title"], message["files"][0]["url"]) == ("This file was deleted", None)


async def test_a_file_of_a_private_channel_is_not_for_others(
    slack: Playground, alice: Page, bob: Page
) -> None:
    room = slack.add_channel("room", [alice.user], is_private=True)
    sent = await alice.upload(room, "a.txt", b"x")
    refused = await bob.get(f"playground/file/{sent['file_id']}")
    assert (refused["status"], refused["error"]) == (403, "not_visible")


async def test_an_upload_over_the_limit_is_told_so(http: aiohttp.ClientSession) -> None:
    async with Playground.serve(max_upload_bytes=10_000) as slack:
        page = Page(slack, http, slack.add_user("alice"))
        ops = slack.add_channel("ops", [page.user])
        answer = await page.upload(ops, "a.txt", bytes(10_001))
        assert (answer["status"], answer["error"]) == (413, "file_too_large")
        assert slack.workspace.files == {}


async def test_without_a_file_an_upload_is_refused(
    slack: Playground, http: aiohttp.ClientSession, alice: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user])
    form = {"user": alice.user, "channel": ops}
    async with http.post(slack.page_url + "playground/files", data=form) as response:
        assert (await response.json())["error"] == "no_file_data"


async def test_a_command_without_an_app_says_why_it_failed(slack: Playground, alice: Page) -> None:
    ops = slack.add_channel("ops", [alice.user])
    answer = await alice.post("playground/commands", channel=ops, text="/fm help")
    assert (answer["status"], answer["ok"], answer["error"]) == (400, False, "dispatch_failed")
    assert answer["message"] == '/fm failed with the error "dispatch_failed".'
    unknown = await alice.post("playground/commands", channel=ops, text="/ask x")
    assert unknown["error"] == "unknown_command"


async def test_pressing_without_an_app_says_so(
    slack: Playground, client: AsyncWebClient, alice: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user])
    button = {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}}
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    ts = (await client.chat_postMessage(channel=ops, text="x", blocks=blocks))["ts"]
    answer = await alice.post(
        "playground/actions", channel=ops, message_ts=ts, block_id="b", action_id="more", value=None
    )
    assert answer["error"] == "dispatch_failed"


async def test_channels_are_made_joined_left_and_people_invited(
    slack: Playground, alice: Page, bob: Page
) -> None:
    made = await alice.post("playground/channels", name="#War-Room", is_private=True)
    channel = made["channel"]
    assert (channel["name"], channel["members"], channel["is_private"]) == ("war-room", [alice.user], True)
    path = f"playground/channels/{channel['id']}"
    assert (await bob.post(f"{path}/join"))["status"] == 404
    assert (await alice.post(f"{path}/invite", invitee=bob.user))["ok"] is True
    assert (await bob.post(f"{path}/invite", invitee=slack.bot_user))["ok"] is True
    assert (await alice.post(f"{path}/leave"))["ok"] is True
    assert slack.workspace.channel(channel["id"]).members == {bob.user, slack.bot_user}
    public = (await bob.post("playground/channels", name="open"))["channel"]["id"]
    assert (await alice.post(f"playground/channels/{public}/invite", invitee=alice.user))["status"] == 403
    assert (await alice.post(f"playground/channels/{public}/join"))["ok"] is True
    assert (await bob.post("playground/channels", name="open"))["error"] == "name_taken"
    assert (await bob.post("playground/channels", name="no spaces!"))["error"] == "invalid_name"
    dm = slack.direct_channel(bob.user)
    left = await bob.post(f"playground/channels/{dm}/leave")
    assert left["error"] == "method_not_supported_for_channel_type"


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("messages", {"channel": "C0", "text": "x"}, "channel_not_found"),
        ("messages", {"channel": "C0", "text": " "}, "no_text"),
        ("messages", {"channel": "C0"}, "invalid_arguments"),
        ("messages", {"channel": "C0", "text": "x" * 12_001}, "msg_too_long"),
        ("messages", {"user": "U0", "channel": "C0", "text": "x"}, "user_not_found"),
    ],
)
async def test_wrong_requests_are_refused_in_words(
    alice: Page, path: str, body: dict[str, str], error: str
) -> None:
    answer = await alice.post(f"playground/{path}", **body)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert answer["message"].endswith(".")


@pytest.mark.parametrize("body", ["{", "[]"])
async def test_a_body_that_is_no_json_object_is_refused(
    slack: Playground, http: aiohttp.ClientSession, body: str
) -> None:
    async with http.post(slack.page_url + "playground/messages", data=body) as response:
        assert (response.status, (await response.json())["error"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}]
)
async def test_another_sites_page_can_do_nothing(
    slack: Playground, http: aiohttp.ClientSession, alice: Page, headers: dict[str, str]
) -> None:
    ops = slack.add_channel("ops", [alice.user])
    body = {"user": alice.user, "channel": ops, "text": "x"}
    async with http.post(slack.page_url + "playground/messages", json=body, headers=headers) as response:
        assert (response.status, (await response.json())["error"]) == (403, "wrong_origin")
    own = {"Origin": slack.page_url.removesuffix("/")}
    async with http.post(slack.page_url + "playground/messages", json=body, headers=own) as response:
        assert response.status == 200


async def test_nobody_deletes_what_others_wrote(slack: Playground, alice: Page, bob: Page) -> None:
    ops = slack.add_channel("ops", [alice.user, bob.user])
    ts = await slack.say(alice.user, ops, "hers")
    assert (await bob.delete("playground/messages", channel=ops, ts=ts))["error"] == "cant_delete_message"
    assert (await alice.delete("playground/messages", channel=ops, ts=ts))["ok"] is True
    assert await alice.texts(ops) == []


async def test_a_deleted_root_shows_only_its_place(slack: Playground, alice: Page) -> None:
    ops = slack.add_channel("ops", [alice.user])
    ts = await slack.say(alice.user, ops, "root")
    await slack.say(alice.user, ops, "reply", thread_ts=ts)
    await slack.delete_message(ops, ts)
    shown = (await alice.get("playground/messages", channel=ops))["messages"][0]
    assert (shown["deleted"], shown["text"], shown["reply_count"]) == (True, "", 1)


async def test_changes_arrive_as_they_happen_but_only_of_ones_own_channels(
    slack: Playground, client: AsyncWebClient, http: aiohttp.ClientSession, alice: Page, bob: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user, bob.user])
    room = slack.add_channel("room", [bob.user], is_private=True)
    async with http.get(slack.page_url + "playground/events", params={"user": alice.user}) as stream:
        assert await stream.content.readline() == b": connected\n"
        await slack.say(bob.user, room, "unheard")
        await client.chat_postEphemeral(channel=ops, user=bob.user, text="unheard")
        ts = await slack.say(bob.user, ops, "heard")
        await slack.edit(ops, ts, "heard again")
        await client.chat_postEphemeral(channel=ops, user=alice.user, text="heard")
        await slack.delete_message(ops, ts)
        await slack.leave(bob.user, ops)
        found = []
        while len(found) < 5:
            line = await stream.content.readline()
            if line.startswith(b"data: "):
                found.append(json.loads(line.removeprefix(b"data: ")))
    assert [change["type"] for change in found] == [
        "message",
        "message_changed",
        "ephemeral",
        "message_deleted",
        "channels_changed",
    ]
    assert found[0] == {"type": "message", "channel": ops, "ts": ts, "thread_ts": None}


async def test_an_open_stream_ends_with_the_workspace(http: aiohttp.ClientSession) -> None:
    async with Playground.serve() as slack:
        user = slack.add_user("alice")
        stream = await http.get(slack.page_url + "playground/events", params={"user": user})
        assert await stream.content.readline() == b": connected\n"
    assert b"data" not in await stream.content.read()
    stream.close()


async def test_permalinks_open_on_the_page(
    slack: Playground, client: AsyncWebClient, http: aiohttp.ClientSession, alice: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user])
    root = await slack.say(alice.user, ops, "root")
    shared = await slack.share(alice.user, ops, "a.txt", b"x", thread_ts=root)
    link = (await client.chat_getPermalink(channel=ops, message_ts=shared.ts))["permalink"]
    file = (await client.files_info(file=shared.file_id))["file"]
    for address in (link, file["permalink"]):
        async with http.get(address, allow_redirects=False) as response:
            assert response.status == 302
            assert response.headers["Location"] == f"/#/{ops}/{shared.ts}/{root}"
    async with http.get(slack.page_url + f"archives/{ops}/p12") as response:
        assert (await response.json())["error"] == "message_not_found"
    await slack.unshare(shared.file_id, alice.user, ops)
    async with http.get(file["permalink"]) as response:
        assert (await response.json())["error"] == "file_not_found"


async def test_the_root_is_the_page_or_says_that_there_is_none(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    async with http.get(slack.page_url) as response:
        text = await response.text()
        if (STATIC / "index.html").exists():
            assert response.content_type == "text/html"
        else:
            assert (response.status, "/api/" in text) == (404, True)


@given(st.text())
def test_a_files_name_is_safe_whatever_it_was(name: str) -> None:
    safe = _safe_name(name)
    assert 0 < len(safe) <= MAX_NAME
    assert not set(safe) & set("/\\\0\n")
    assert safe not in {".", ".."}


def test_a_long_name_keeps_its_ending() -> None:
    assert _safe_name("x" * 300 + ".pdf").endswith("x.pdf")


async def test_the_page_is_asked_for_anew_each_time(slack: Playground, http: aiohttp.ClientSession) -> None:
    for path in ("", "static/js/main.js", "static/css/base.css"):
        async with http.get(slack.page_url + path) as response:
            assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")


async def test_a_message_tells_what_is_said_and_done_in_its_thread(
    slack: Playground, client: AsyncWebClient, alice: Page
) -> None:
    ops = slack.add_channel("ops", [alice.user])
    shared = await slack.share(alice.user, ops, "a.txt", b"x")

    async def shown() -> dict[str, Any]:
        return (await alice.get("playground/messages", channel=ops))["messages"][0]

    await client.assistant_threads_setStatus(channel_id=ops, thread_ts=shared.ts, status="is reading…")
    assert ((await shown())["status"], (await shown())["verdict"]) == ("is reading…", "")
    posted = await client.chat_postMessage(channel=ops, thread_ts=shared.ts, text="Reading, 1 of 9")
    assert ((await shown())["status"], (await shown())["verdict"]) == ("", "Reading, 1 of 9")
    await client.chat_update(channel=ops, ts=str(posted["ts"]), text="Indexed")
    await slack.say(alice.user, ops, "thanks", thread_ts=shared.ts)
    assert (await shown())["verdict"] == "Indexed"
    assert (await shown())["repliers"] == [slack.bot_user, alice.user]


async def test_the_apps_home_is_one_persons(
    slack: Playground, client: AsyncWebClient, alice: Page, bob: Page
) -> None:
    assert (await alice.get("playground/state"))["has_home"] is True
    assert (await alice.post("playground/home"))["ok"] is True
    assert slack.deliveries[-1].payload["event"]["type"] == "app_home_opened"
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id=alice.user, view=view)
    assert (await alice.get("playground/home"))["view"].items() >= view.items()
    assert (await bob.get("playground/home"))["view"] is None


async def test_shortcuts_are_listed_and_one_without_an_app_fails_in_words(
    slack: Playground, alice: Page
) -> None:
    [listed] = (await alice.get("playground/state"))["shortcuts"]
    assert listed == {"callback_id": "fm_ask_message", "name": "Ask FaultMaven"}
    ops = slack.add_channel("ops", [alice.user])
    about = {"channel": ops, "message_ts": await slack.say(alice.user, ops, "x")}
    failed = await alice.post("playground/shortcuts", **about, callback_id=listed["callback_id"])
    assert (failed["ok"], failed["message"]) == (False, "The app did not answer.")
    unknown = await alice.post("playground/shortcuts", **about, callback_id="other")
    assert unknown["error"] == "unknown_shortcut"
