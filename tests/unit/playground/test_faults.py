from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.faults import Faults
from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


async def test_a_rate_limit_answers_429_as_often_as_it_was_told(
    slack: Playground, client: AsyncWebClient
) -> None:
    slack.faults.add("auth.test", error="ratelimited", retry_after=7, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "7"
    assert (await client.auth_test())["ok"]
    assert [call.outcome for call in slack.calls] == ["ratelimited", "ratelimited", "ok"]


async def test_slacks_own_retry_handler_gets_over_a_rate_limit(
    slack: Playground, client: AsyncWebClient
) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.faults.add("auth.test", error="ratelimited", retry_after=0)
    assert (await client.auth_test())["ok"]


async def test_faults_of_a_method_come_in_order_and_leave_other_methods_alone(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    slack.faults.add("auth.test", error="fatal_error")
    slack.faults.add("auth.test", status=503)
    assert (await refused(client.files_info(file="F0")))["error"] == "file_not_found"
    assert (await refused(client.auth_test()))["error"] == "fatal_error"
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 503
    assert (await client.auth_test())["ok"]


async def test_a_connection_is_cut_after_the_work_was_done(slack: Playground, client: AsyncWebClient) -> None:
    ops = slack.add_channel("ops")
    client.retry_handlers.clear()
    slack.faults.add("chat.postMessage", how="cut")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ops, text="done all the same")
    assert [message.text for message in slack.messages(ops)] == ["done all the same"]


async def test_a_hanging_call_hangs_until_faults_are_cleared(
    slack: Playground, client: AsyncWebClient
) -> None:
    client.retry_handlers.clear()
    slack.faults.add("auth.test", how="hang")
    call = asyncio.create_task(client.auth_test())
    await slack.until(lambda: slack.calls)
    assert not call.done()
    slack.faults.clear()
    with pytest.raises(aiohttp.ClientError):
        await call
    assert (await client.auth_test())["ok"]


async def test_shares_are_missing_for_a_while(slack: Playground, client: AsyncWebClient) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    one, two = [await slack.share(alice, ops, name, b"x") for name in ("1.txt", "2.txt")]
    slack.faults.shares_not_ready(2, one.file_id)
    shares = [(await client.files_info(file=one.file_id))["file"]["shares"] for _ in range(3)]
    assert [bool(found) for found in shares] == [False, False, True]
    assert (await client.files_info(file=two.file_id))["file"]["shares"]


@pytest.mark.parametrize("trouble", ["login_page", "cut", "status", "redirect", "hang"])
async def test_downloads_fail_in_the_ways_they_do(
    slack: Playground, client: AsyncWebClient, http: aiohttp.ClientSession, trouble: str
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    shared = await slack.share(alice, ops, "a.pdf", b"%PDF" * 100_000)
    url = (await client.files_info(file=shared.file_id))["file"]["url_private_download"]
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    match trouble:
        case "status":
            slack.faults.add(Faults.DOWNLOAD, status=502)
        case "redirect":
            slack.faults.add(Faults.DOWNLOAD, redirect="https://elsewhere.example/a.pdf")
        case _:
            slack.faults.add(Faults.DOWNLOAD, how=trouble)  # type: ignore[arg-type]
    get = http.get(url, headers=headers, allow_redirects=False)
    if trouble == "cut":
        with pytest.raises(aiohttp.ClientError):
            async with get as response:
                await response.read()
    elif trouble == "hang":
        hanging = asyncio.create_task(_read(get))
        await slack.until(lambda: slack.calls[-1].outcome == "hang")
        slack.faults.clear()
        assert await asyncio.wait_for(hanging, 5) == b"%PDF" * 100_000  # aiohttp asks once more by itself
    else:
        async with get as response:
            expected = {"login_page": 200, "status": 502, "redirect": 302}
            assert response.status == expected[trouble]
    async with http.get(url, headers=headers) as response:
        assert await response.read() == b"%PDF" * 100_000


async def _read(get: object) -> bytes:
    async with get as response:  # type: ignore[attr-defined]
        return await response.read()
