"""The operators' page: who gets in, what they see, and what a change needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from support.bot import at_rest, bot_in
from support.slack import ask, verdict

from bot.app import Running
from bot.playground.server import Playground
from bot.web.console.guard import COOKIE, PROOF_HEADER
from bot.web.console.sessions import LASTS_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "a token for the operators"
HOSTILE = "<img src=x onerror=alert(1)>.txt"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slack() -> AsyncIterator[Playground]:
    async with Playground.serve() as playground:
        yield playground


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(slack: Playground, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A bot with a console, and two files: one is indexed, one can't be read."""
    folder = Path(tmp_path_factory.mktemp("console"))
    async with bot_in(slack, folder, console_token=TOKEN) as running:
        alice = slack.add_user("alice")
        secret = slack.add_channel("secret", members=[alice], is_private=True)
        shared = await slack.share(alice, secret, HOSTILE, b"the standby is promoted with pg_promote\n")
        await verdict(slack, shared.ts)
        await slack.share(alice, secret, "empty.bin", b"\0\1\2\3")
        await ask(slack, alice, secret, "/fm search unobtainium")
        await at_rest(slack, running)
        yield running


def browser(bot: Running) -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    return aiohttp.ClientSession(bot.url, cookie_jar=jar)


async def log_in(client: aiohttp.ClientSession, token: str = TOKEN, **headers: str) -> aiohttp.ClientResponse:
    form = {"token": token}
    return await client.post("/console/login", data=form, headers=headers, allow_redirects=False)


async def proof_of(client: aiohttp.ClientSession) -> dict[str, str]:
    return {PROOF_HEADER: (await (await client.get("/console/api/overview")).json())["proof"]}


async def documents(client: aiohttp.ClientSession, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = await (await client.get("/console/api/documents", params=query)).json()
    return found


async def test_without_a_session_nothing_is_shown_and_nothing_is_done(bot: Running) -> None:
    async with browser(bot) as client:
        assert (await client.get("/console", allow_redirects=False)).headers["Location"] == "/console/login"
        for path in ("/console/api/overview", "/console/api/documents", "/console/anything"):
            assert (await client.get(path)).status == 401
        for path in ("/console/api/documents/x/retry", "/console/api/documents/x/forget", "/console/logout"):
            assert (await client.post(path)).status == 401
        client.cookie_jar.update_cookies({COOKIE: "99999999999.nonce.00"})
        assert (await client.get("/console/api/overview")).status == 401
        assert (await client.get("/console/static/console.css")).status == 200  # no secret
        assert (await client.get("/console/static/shared/base.css")).status == 200
        assert (await client.get("/console/static/shared/main.js")).status == 404


async def test_the_token_opens_a_session_in_a_cookie_that_scripts_and_other_sites_dont_get(
    bot: Running,
) -> None:
    async with browser(bot) as client:
        wrong = await log_in(client, "not the token")
        assert wrong.status == 401
        assert "not the token" in await wrong.text()
        assert "Set-Cookie" not in wrong.headers
        assert (await log_in(client, Origin="https://evil.example")).status == 403
        entered = await log_in(client)
        assert (entered.status, entered.headers["Location"]) == (303, "/console")
        cookie = entered.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/console", f"Max-Age={LASTS_S}"):
            assert part in cookie
        assert "Secure" not in cookie
        page = await client.get("/console")
        assert page.status == 200
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["X-Frame-Options"] == "DENY"
        async with browser(bot) as behind_a_proxy:
            entered = await log_in(behind_a_proxy, **{"X-Forwarded-Proto": "https"})
            assert "Secure" in entered.headers["Set-Cookie"]
        await client.post("/console/logout", headers=await proof_of(client))
        assert (await client.get("/console/api/overview")).status == 401


async def test_an_operator_sees_documents_of_all_channels_with_status_and_reason(bot: Running) -> None:
    async with browser(bot) as client:
        await log_in(client)
        found = await documents(client)
        by_title = {one["title"]: one for one in found["documents"]}
        assert by_title.keys() == {HOSTILE, "empty.bin"}
        assert (by_title[HOSTILE]["status"], by_title[HOSTILE]["pages"]) == ("indexed", 1)
        assert by_title["empty.bin"]["reason"]
        assert [one["title"] for one in (await documents(client, status="failed"))["documents"]] == [
            "empty.bin"
        ]
        assert (await documents(client, words="ONERROR"))["total"] == 1
        assert (await documents(client, words="%"))["total"] == 0
        beyond = await documents(client, page="2", status="nonsense")
        assert (beyond["documents"], beyond["total"], beyond["pages"]) == ([], 2, 1)

        now = await (await client.get("/console/api/overview")).json()
        assert now["counts"] == {"pending": 0, "processing": 0, "indexed": 1, "failed": 1}
        assert now["health"]["database"] == now["health"]["slack"] == "ok"
        assert [one["query"] for one in now["insights"]["in_vain"]] == ["unobtainium"]
        assert now["samples"]
        assert "alice" not in str(now)


async def test_a_change_needs_the_proof_of_a_page_of_ours(bot: Running, slack: Playground) -> None:
    async with browser(bot) as client:
        await log_in(client)
        [failed] = (await documents(client, status="failed"))["documents"]
        retry = f"/console/api/documents/{failed['id']}/retry"
        proof = await proof_of(client)
        assert (await client.post(retry)).status == 403
        assert (await client.post(retry, headers={PROOF_HEADER: "0" * 64})).status == 403
        assert (await client.post(retry, headers=proof | {"Origin": "https://evil.example"})).status == 403
        async with browser(bot) as other:
            await log_in(other)
            assert (await client.post(retry, headers=await proof_of(other))).status == 403
        assert (await client.post(retry, headers=proof)).status == 200
        await at_rest(slack, bot)
        [again] = (await documents(client, status="failed"))["documents"]
        assert again["changed"] > failed["changed"]

        assert (
            await client.post(f"/console/api/documents/{failed['id']}/forget", headers=proof)
        ).status == 200
        assert (await documents(client))["total"] == 1
        assert (await client.post(retry, headers=proof)).status == 404


async def test_without_a_token_in_the_settings_there_is_no_console(tmp_path: Path) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path) as bot, browser(bot) as client:
        for path in ("/console", "/console/login", "/console/static/console.css"):
            assert (await client.get(path)).status == 404
        assert (await log_in(client)).status == 404


async def test_guessing_over_http_is_answered_with_when_to_come_back(bot: Running) -> None:
    async with browser(bot) as client:
        tried = [await log_in(client, "wrong") for _ in range(6)]
        assert tried[-1].status == 429
        assert int(tried[-1].headers["Retry-After"]) > 0
        assert (await log_in(client)).status == 429  # the right one, too: it tells nothing
