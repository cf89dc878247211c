from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


DATA = bytes(range(256)) * 1000


async def download(http: aiohttp.ClientSession, file: dict, token: str) -> tuple[str, bytes]:
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get(file["url_private_download"], headers=headers) as response:
        assert response.status == 200
        return response.content_type, await response.read()


async def test_a_file_tells_where_it_is_shared(slack: Playground, client: AsyncWebClient) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", [alice, bob])
    room = slack.add_channel("room", [alice], is_private=True)
    root = await slack.say(alice, room, "look at this")
    first = await slack.share(alice, ops, "run book.pdf", DATA, title="Runbook")
    again = await slack.share_again(first.file_id, bob, ops)
    private = await slack.share_again(first.file_id, alice, room, thread_ts=root)
    file = (await client.files_info(file=first.file_id))["file"]
    assert (file["name"], file["title"], file["size"]) == ("run book.pdf", "Runbook", len(DATA))
    assert (file["mimetype"], file["mode"], file["user"]) == ("application/pdf", "hosted", alice)
    assert [share["ts"] for share in file["shares"]["public"][ops]] == [first.ts, again.ts]
    assert file["shares"]["public"][ops][1]["share_user_id"] == bob
    assert file["shares"]["private"][room][0]["ts"] == private.ts
    assert file["shares"]["private"][room][0]["thread_ts"] == root
    assert (file["channels"], file["groups"]) == ([ops], [room])


async def test_a_private_share_is_hidden_from_a_bot_that_is_not_there(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    room = slack.add_channel("room", [alice], is_private=True, with_bot=False)
    shared = await slack.share(alice, ops, "a.txt", b"a")
    await slack.share_again(shared.file_id, alice, room)
    file = (await client.files_info(file=shared.file_id))["file"]
    assert list(file["shares"]) == ["public"]
    assert file["groups"] == []


async def test_files_out_of_the_bots_sight_are_not_found(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "a.txt", b"a")
    await slack.leave(slack.bot_user, ops)
    assert (await refused(client.files_info(file=shared.file_id)))["error"] == "file_not_found"
    assert (await refused(client.files_info(file="F0")))["error"] == "file_not_found"


async def test_deleted_and_expired_files_are_gone(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    deleted = await slack.share(alice, ops, "a.txt", b"a")
    expired = await slack.share(alice, ops, "b.txt", b"b")
    await slack.delete_file(deleted.file_id)
    await slack.expire_file(expired.file_id)
    for shared in (deleted, expired):
        assert (await refused(client.files_info(file=shared.file_id)))["error"] == "file_deleted"


async def test_lists_hold_the_newest_first_by_channel_and_person(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops, general = slack.add_channel("ops", [alice, bob]), slack.add_channel("general", [alice, bob])
    for user, channel, name in ((alice, ops, "1.txt"), (bob, ops, "2.txt"), (alice, general, "3.txt")):
        await slack.share(user, channel, name, b"x")

    async def names(**arguments: object) -> list[str]:
        return [file["name"] for file in (await client.files_list(**arguments))["files"]]

    assert await names() == ["3.txt", "2.txt", "1.txt"]
    assert await names(channel=ops) == ["2.txt", "1.txt"]
    assert await names(user=alice) == ["3.txt", "1.txt"]
    assert await names(count=1, page=2) == ["2.txt"]
    assert (await refused(client.files_list(count=0)))["error"] == "invalid_arguments"


async def test_the_bot_downloads_the_bytes(
    slack: Playground, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "größe 100 %.pdf", DATA)
    file = (await client.files_info(file=shared.file_id))["file"]
    assert await download(http, file, slack.bot_token) == ("application/pdf", DATA)
    call = slack.calls[-1]
    assert (call.method, call.arguments, call.outcome) == ("download", {"file": shared.file_id}, "ok")


@pytest.mark.parametrize("why", ["no token", "not a member", "deleted", "uninstalled"])
async def test_everyone_else_gets_a_sign_in_page_with_status_200(
    slack: Playground, client: AsyncWebClient, http: aiohttp.ClientSession, why: str
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "a.pdf", DATA)
    file = (await client.files_info(file=shared.file_id))["file"]
    match why:
        case "not a member":
            await slack.leave(slack.bot_user, ops)
        case "deleted":
            await slack.delete_file(shared.file_id)
        case "uninstalled":
            slack.workspace.uninstall()
    token = "xoxb-other" if why == "no token" else slack.bot_token
    kind, body = await download(http, file, token)
    assert kind == "text/html"
    assert b"Sign in" in body


async def test_without_the_scope_the_download_is_a_sign_in_page(http: aiohttp.ClientSession) -> None:
    async with Playground.serve(withhold=["files:read"]) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", [alice])
        shared = await slack.share(alice, ops, "a.pdf", DATA)
        address = f"{slack.page_url}files-pri/{slack.workspace.team_id}-{shared.file_id}/download/a.pdf"
        kind, _ = await download(http, {"url_private_download": address}, slack.bot_token)
    assert kind == "text/html"


async def test_a_file_that_lies_elsewhere_has_an_address_elsewhere(
    slack: Playground, client: AsyncWebClient
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "plan.gdoc", b"", mode="external")
    file = (await client.files_info(file=shared.file_id))["file"]
    assert file["is_external"] is True
    assert not file["url_private"].startswith(slack.page_url)
