"""The console by "Sign in with Slack": who is let in, and what they see there."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from support.bot import HURRY, at_rest, bot_in, caught_up
from support.installing import allow, browser, install, settings_of
from support.slack import ask, verdict

from bot.app import Running, running
from bot.errors import SignInRefused
from bot.playground.host import SlackHost
from bot.playground.openid import TOKEN as TOKEN_METHOD
from bot.playground.openid import USER_INFO
from bot.playground.server import Playground
from bot.providers.slack.openid import SlackOpenId
from bot.providers.slack.sign_in import SignIn
from bot.web.console.guard import COOKIE, PROOF_HEADER
from bot.web.console.views import UNNAMED

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACME, BETA, ELSEWHERE = "T0ACME001", "T0BETA002", "T0NONE003"
TOKEN = "a token for the operators"
HERE = "/console/login/slack"


@dataclass
class Stage:
    """Two workspaces that have the bot, one that doesn't; one file of the first is in a private channel."""

    host: SlackHost
    bot: Running
    alice: str = ""
    bob: str = ""

    @property
    def acme(self) -> Playground:
        return self.host.workspaces[ACME]

    @property
    def beta(self) -> Playground:
        return self.host.workspaces[BETA]


@asynccontextmanager
async def host_of(*teams: str) -> AsyncIterator[SlackHost]:
    async with SlackHost.serve(*(Playground(delivery="http", team_id=team) for team in teams)) as host:
        yield host


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with host_of(ACME, BETA, ELSEWHERE) as host:
        folder = tmp_path_factory.mktemp("sign-in")
        async with running(settings_of(host, folder, console_token=TOKEN), pace=HURRY) as bot:
            host.redirect_uris |= {f"{bot.url}/slack/oauth_redirect", f"{bot.url}{HERE}"}
            stage = Stage(host, bot)
            for slack in (stage.acme, stage.beta):
                slack.request_url = f"{bot.url}/slack/events"
                await install(bot.url, slack.workspace.team_id)
            stage.alice = stage.acme.add_user("alice", admin=True)
            stage.bob = stage.beta.add_user("bob")
            await stage.beta.change_user(stage.bob, is_owner=True)
            await fill(stage)
            yield stage


async def fill(stage: Stage) -> None:
    acme, beta = stage.acme, stage.beta
    dora = acme.add_user("dora")
    ops = acme.add_channel("ops", [stage.alice, dora])
    board = acme.add_channel("board", [dora], is_private=True)
    theirs = beta.add_channel("ops", [stage.bob])
    for slack, who, where, name, data in (
        (acme, stage.alice, ops, "runbook.txt", b"the standby is promoted\n"),
        (acme, dora, board, "merger.bin", b"\0\1\2\3"),
        (beta, stage.bob, theirs, "beta.txt", b"the gearbox at Beta\n"),
    ):
        await verdict(slack, (await slack.share(who, where, name, data)).ts)
    await ask(acme, stage.alice, ops, "/fm search unobtainium")
    await ask(beta, stage.bob, theirs, "/fm search phlogiston")
    for slack, who in ((acme, stage.alice), (beta, stage.bob)):
        await at_rest(slack, stage.bot)
        team = slack.workspace.team_id
        async with stage.bot.core.database.transaction() as tx:
            said = {"query": f"of {team}", "surface": "command", "results": 1, "elapsed_ms": 1.0}
            await tx.searches.add(id=team, workspace=team, asker=who, now=time.time(), **said)
            await tx.searches.vote(team, asker=who, vote=1)


async def begin(client: ClientSession, **headers: str) -> str:
    """Press the button; the address of Slack's page."""
    begun = await client.post(HERE, headers=headers, allow_redirects=False)
    assert begun.status == 303
    return begun.headers["Location"]


async def sign_in(client: ClientSession, team: str, user: str) -> ClientResponse:
    return await client.get(await allow(client, await begin(client), team, user=user))


async def refused(answer: ClientResponse, status: int, words: str) -> None:
    """The login page again, with the reason and without a session."""
    text = await answer.text()
    assert (answer.status, words in text, "Sign in with Slack" in text) == (status, True, True), text
    assert COOKIE not in answer.cookies


async def overview(client: ClientSession) -> dict[str, Any]:
    found: dict[str, Any] = await (await client.get("/console/api/overview")).json()
    return found


async def titles(client: ClientSession, **query: str) -> dict[str, str]:
    """The ids of the documents that are listed, by title."""
    found = await (await client.get("/console/api/documents", params=query)).json()
    assert found["total"] == len(found["documents"])
    return {one["title"]: one["id"] for one in found["documents"]}


async def test_an_admin_signs_in_and_sees_what_is_their_workspaces_alone(stage: Stage) -> None:
    async with (
        browser(stage.bot.url) as operator,
        browser(stage.bot.url) as alice,
        browser(stage.bot.url) as bob,
    ):
        await operator.post("/console/login", data={"token": TOKEN})
        everything = await titles(operator)
        assert everything.keys() == {"runbook.txt", "merger.bin", "beta.txt"}
        assert (await overview(operator))["counts"]["indexed"] == 2

        assert "Sign in with Slack" in await (await alice.get("/console/login")).text()
        entered = await sign_in(alice, ACME, stage.alice)
        assert (entered.status, "url=/console" in await entered.text()) == (200, True)
        for part in ("HttpOnly", "SameSite=Strict", "Path=/console"):
            assert part in entered.headers["Set-Cookie"]
        assert (await alice.get("/console", allow_redirects=False)).status == 200
        now = await overview(alice)
        assert now["workspace"] == stage.acme.workspace.name
        assert now["counts"] == {"pending": 0, "processing": 0, "indexed": 1, "failed": 1}
        assert [one["query"] for one in now["insights"]["in_vain"]] == ["unobtainium"]
        assert [one["query"] for one in now["votes"]] == [f"of {ACME}"]
        assert not now.keys() & {"waiting", "samples", "health"}

        assert (await sign_in(bob, BETA, stage.bob)).status == 200  # an owner
        assert (await titles(bob)).keys() == {"beta.txt"}
        assert [one["query"] for one in (await overview(bob))["insights"]["in_vain"]] == ["phlogiston"]
        proof = {PROOF_HEADER: (await overview(bob))["proof"]}
        for what in ("retry", "forget"):
            address = f"/console/api/documents/{everything['runbook.txt']}/{what}"
            assert (await bob.post(address, headers=proof)).status == 404
        assert (await titles(operator)).keys() == everything.keys()


async def test_an_admin_sees_that_a_file_of_a_channel_they_are_not_in_failed_but_not_what_it_is(
    stage: Stage,
) -> None:
    async with browser(stage.bot.url) as alice:
        await sign_in(alice, ACME, stage.alice)
        assert (await titles(alice)).keys() == {"runbook.txt", UNNAMED}
        assert (await titles(alice, words="merger")).keys() == set()
        assert (await titles(alice, words="runbook")).keys() == {"runbook.txt"}
        answer = await alice.get("/console/api/documents", params={"status": "failed"})
        [secret] = (await answer.json())["documents"]
        assert (secret["title"], secret["advice"]) == (UNNAMED, "")
        assert "merger" not in await answer.text()
        assert (await titles(alice, words=secret["file"])).keys() == {UNNAMED}
        proof = {PROOF_HEADER: (await overview(alice))["proof"]}
        address = f"/console/api/documents/{secret['id']}/retry"
        assert (await alice.post(address, headers=proof)).status == 200
        await at_rest(stage.acme, stage.bot)


async def test_a_member_a_guest_the_deactivated_and_people_of_other_workspaces_are_not_let_in(
    stage: Stage,
) -> None:
    acme, elsewhere = stage.acme, stage.host.workspaces[ELSEWHERE]
    gone = acme.add_user("gone", admin=True)
    await acme.change_user(gone, deleted=True)
    for team, user in (
        (ACME, acme.add_user("dave")),
        (ACME, acme.add_user("gwen", guest=True)),
        (ACME, acme.add_user("partner", admin=True, team_id=ELSEWHERE)),
        (ACME, gone),
        (ELSEWHERE, elsewhere.add_user("eve", admin=True)),
    ):
        async with browser(stage.bot.url) as client:
            await refused(await sign_in(client, team, user), 403, "Only admins and owners")
            assert (await client.get("/console/api/overview")).status == 401
    assert not elsewhere.calls  # whose token there is none of


async def test_who_is_no_admin_any_more_is_out_and_so_is_who_was_deactivated(stage: Stage) -> None:
    for what in ({"is_admin": False}, {"deleted": True}):
        carol = stage.acme.add_user("carol", admin=True)
        async with browser(stage.bot.url) as client:
            await sign_in(client, ACME, carol)
            assert (await client.get("/console/api/documents")).status == 200
            await stage.acme.change_user(carol, **what)
            await caught_up(stage.acme, stage.bot)
            assert (await client.get("/console/api/documents")).status == 401
            left = await client.get("/console", allow_redirects=False)
            assert left.headers["Location"] == "/console/login"


async def test_while_slack_does_not_say_who_is_an_admin_nothing_is_shown(stage: Stage) -> None:
    carol = stage.acme.add_user("carol", admin=True)
    async with browser(stage.bot.url) as client:
        await sign_in(client, ACME, carol)
        await stage.acme.change_user(carol, is_owner=True)
        await caught_up(stage.acme, stage.bot)
        stage.acme.faults.add("users.info", error="internal_error", times=20)
        answer = await client.get("/console/api/documents")
        assert (answer.status, "runbook" in await answer.text()) == (503, False)
        await refused(await sign_in(client, ACME, carol), 503, "Slack can&#x27;t be asked")
        stage.acme.faults.clear()
        assert (await client.get("/console/api/documents")).status == 200


async def test_a_sign_in_is_finished_once_in_the_browser_that_began_it(stage: Stage) -> None:
    host, calls = stage.host, stage.host.openid.calls
    async with (
        browser(stage.bot.url) as mine,
        browser(stage.bot.url) as other,
        browser(stage.bot.url) as none,
    ):
        there = await begin(mine)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
        assert (asked["scope"], asked["response_type"]) == ("openid", "code")
        assert asked["redirect_uri"] == f"{stage.bot.url}{HERE}"
        back, before = await allow(mine, there, ACME, user=stage.alice), len(calls)
        await begin(other)
        for stranger in (none, other):
            await refused(await stranger.get(back), 400, "not begun in this browser")
        await refused(await mine.get(back.replace("state=", "state=x")), 400, "not begun in this browser")
        await refused(await mine.get(f"{HERE}?state={asked['state']}"), 400, "without what it should bring")
        assert len(calls) == before  # Slack was asked nothing
        assert (await mine.get(back)).status == 200
        await refused(await mine.get(back), 400, "not begun in this browser")  # its cookie is gone, too
        assert host.openid.calls[before:] == [TOKEN_METHOD, USER_INFO]

        begun = await none.post("/slack/install", allow_redirects=False)
        state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
        await refused(await none.get(f"{HERE}?state={state}&code=1"), 400, "not begun in this browser")
        from_elsewhere = await mine.post(HERE, headers={"Origin": "https://evil.example"})
        assert from_elsewhere.status == 403


async def test_what_slack_refuses_or_says_of_somebody_else_lets_nobody_in(stage: Stage) -> None:
    openid, alice = stage.host.openid, stage.alice
    async with browser(stage.bot.url) as client:
        denied = await client.get(await allow(client, await begin(client), ACME, user=""))
        await refused(denied, 400, "Slack was told not to")
        used = denied.url.with_query(state=denied.url.query["state"], code="1")
        await refused(await client.get(used), 400, "finished or given up before")
        back = await allow(client, await begin(client), ACME, user=alice)
        await refused(await client.get(back.replace("code=", "code=x")), 400, "does not know this code")
        back = await allow(client, await begin(client), ACME, user=alice)
        openid.expire_codes()
        await refused(await client.get(back), 400, "does not know this code")
        back = await allow(client, await begin(client), ACME, user=alice)
        stage.acme.faults.add(TOKEN_METHOD, status=503)
        await refused(await client.get(back), 503, "Try again in a minute")

        wrong: list[dict[str, Any]] = [{"nonce": "another"}, {"nonce": None}, {"aud": "another app"}]
        wrong += [{"exp": 1}, {"exp": "never"}, {"https://slack.com/team_id": BETA}]
        for openid.claims in wrong:
            await refused(await sign_in(client, ACME, alice), 400, "don&#x27;t belong to this sign-in")
        openid.claims = {}
        for openid.facts in ({"https://slack.com/team_id": BETA}, {"https://slack.com/user_id": "U0OTHER"}):
            await refused(await sign_in(client, ACME, alice), 400, "don&#x27;t belong to this sign-in")
        openid.facts = {}
        secret, stage.host.client_secret = stage.host.client_secret, "another"
        await refused(await sign_in(client, ACME, alice), 500, "Tell whoever runs the bot")
        stage.host.client_secret = secret


async def test_a_sign_in_takes_ten_minutes_at_most(stage: Stage) -> None:
    now, transaction = 0.0, stage.bot.core.database.transaction
    openid = SlackOpenId(
        lambda _: AsyncWebClient(base_url=stage.host.api_url), client_id="", client_secret=""
    )
    sign_in_ = SignIn(transaction, openid, clock=lambda: now)
    there = await sign_in_.begin("a browser", "http://127.0.0.1/")
    state = parse_qs(urlsplit(there).query)["state"][0]
    now = 600.0
    with pytest.raises(SignInRefused, match="longer than ten minutes"):
        await sign_in_.give_up("a browser", state)
    now = 599.0
    await sign_in_.give_up("a browser", state)


async def test_a_workspace_that_leaves_takes_its_admins_along(stage: Stage) -> None:
    async with browser(stage.bot.url) as client:
        await sign_in(client, BETA, stage.bob)
        assert (await client.get("/console/api/documents")).status == 200
        stage.beta.workspace.uninstall()
        await caught_up(stage.beta, stage.bot)
        assert (await client.get("/console/api/documents")).status == 401
        await refused(await sign_in(client, BETA, stage.bob), 403, "Only admins and owners")


async def test_admins_of_the_one_workspace_of_a_bot_token_sign_in_too(tmp_path: Path) -> None:
    async with host_of(ACME, BETA) as host:
        slack, beta = host.workspaces[ACME], host.workspaces[BETA]
        slack.workspace.uninstalled = False
        known = {"slack_client_id": host.client_id, "slack_client_secret": host.client_secret}
        async with bot_in(slack, tmp_path, slack_api_url=host.api_url, console_token=TOKEN, **known) as bot:
            host.redirect_uris.add(f"{bot.url}{HERE}")
            async with browser(bot.url) as client:
                there = await begin(client)
                assert parse_qs(urlsplit(there).query)["team"] == [ACME]
                alice, eve = slack.add_user("alice", admin=True), beta.add_user("eve", admin=True)
                await refused(await sign_in(client, BETA, eve), 403, "Only admins and owners")
                await sign_in(client, ACME, alice)
                assert (await overview(client))["workspace"] == slack.workspace.name
                assert (await client.post("/slack/install")).status == 404
