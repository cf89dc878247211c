from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, DummyCookieJar
from support.bot import HURRY, at_rest, caught_up
from support.installing import allow, begin, browser, settings_of
from support.logs import logged
from support.slack import ask, shown, verdict

from bot.app import Running, running
from bot.documents.vault import Vault, new_key
from bot.domain import WorkspaceId
from bot.errors import SettingError
from bot.playground.host import SlackHost
from bot.playground.server import Playground
from bot.providers.slack.installed import reseal_all

ACME, BETA = "T0ACME001", "T0BETA002"
SEARCH = "/fm search gearbox pressure"


@dataclass
class Stage:
    host: SlackHost
    bot: Running

    @property
    def acme(self) -> Playground:
        return self.host.workspaces[ACME]

    @property
    def beta(self) -> Playground:
        return self.host.workspaces[BETA]


@asynccontextmanager
async def slack_host() -> AsyncIterator[SlackHost]:
    workspaces = (Playground(delivery="http", team_id=team) for team in (ACME, BETA))
    async with SlackHost.serve(*workspaces) as host:
        yield host


@asynccontextmanager
async def bot_for(host: SlackHost, folder: Path, key: str) -> AsyncIterator[Stage]:
    async with running(settings_of(host, folder, encryption_key=key), pace=HURRY) as bot:
        host.redirect_uris.add(f"{bot.url}/slack/oauth_redirect")
        for slack in host.workspaces.values():
            slack.request_url = f"{bot.url}/slack/events"
        yield Stage(host, bot)


async def page(session: ClientSession, url: str) -> tuple[int, str]:
    async with session.get(url) as response:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return response.status, await response.text()


async def install(stage: Stage, team: str) -> str:
    async with browser() as session:
        back = await allow(session, await begin(session, stage.bot.url), team)
        status, text = await page(session, back)
    assert status == 200, text
    return text


async def rows(bot: Running) -> list[Any]:
    async with bot.core.database.transaction() as tx:
        return list(await tx.installations.after("", 10))


async def test_each_of_two_workspaces_finds_its_own_files_only_and_one_that_leaves_stops_at_once(
    tmp_path: Path,
) -> None:
    with logged() as log:
        secrets = await two_workspaces(tmp_path)
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert "workspace_installed" in log.getvalue()
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret not in log.getvalue()


async def two_workspaces(tmp_path: Path) -> list[str]:
    """Both install, each shares and searches; one leaves and comes back. All secrets that were in use."""
    async with slack_host() as host, bot_for(host, tmp_path, new_key()) as stage:
        done = await install(stage, ACME)
        assert "/invite @faultmaven" in done
        assert f"app_redirect?app={stage.acme.workspace.app_id}&amp;team={ACME}" in done
        await install(stage, BETA)
        alice, bob = stage.acme.add_user("alice"), stage.beta.add_user("bob")
        ours = stage.acme.add_channel("ops", [alice, stage.acme.bot_user])
        theirs = stage.beta.add_channel("ops", [bob, stage.beta.bot_user])
        first = await stage.acme.share(alice, ours, "acme.txt", b"The gearbox pressure at Acme is 3 bar.")
        second = await stage.beta.share(bob, theirs, "beta.txt", b"The gearbox pressure at Beta is 5 bar.")
        assert (await verdict(stage.acme, first.ts)).text.startswith("Indexed")
        assert (await verdict(stage.beta, second.ts)).text.startswith("Indexed")

        found = shown(await ask(stage.acme, alice, ours, SEARCH))
        assert "Acme is 3 bar" in found
        assert "Beta" not in found
        found = shown(await ask(stage.beta, bob, theirs, SEARCH))
        assert "Beta is 5 bar" in found
        assert "Acme" not in found

        secrets = [stage.acme.bot_token, stage.beta.bot_token, host.client_secret]
        assert await stage.acme.command(alice, ours, "/fm status")

        stage.beta.workspace.uninstall()
        await caught_up(stage.beta, stage.bot)
        assert [row.workspace_id for row in await rows(stage.bot)] == [ACME]
        calls = len(stage.beta.calls)
        await stage.acme.share(alice, ours, "more.txt", b"The gearbox pressure limit is 9 bar.")
        await at_rest(stage.acme, stage.bot)
        assert len(stage.beta.calls) == calls
        assert "Acme is 3 bar" in shown(await ask(stage.acme, alice, ours, SEARCH))

        await install(stage, BETA)
        assert "Beta is 5 bar" in shown(await ask(stage.beta, bob, theirs, SEARCH))
        secrets.append(stage.beta.bot_token)
        return secrets


async def test_an_installation_is_finished_once_in_the_browser_that_began_it_and_soon(
    tmp_path: Path,
) -> None:
    async with slack_host() as host, bot_for(host, tmp_path, new_key()) as stage, browser() as mine:
        status, text = await page(mine, f"{stage.bot.url}/slack/install")
        assert status == 200
        assert "Add to Slack" in text
        assert all(f"<code>{scope}</code>" in text for scope in stage.acme.manifest.scopes)

        there = await begin(mine, stage.bot.url)
        back = await allow(mine, there, ACME)
        async with ClientSession(cookie_jar=DummyCookieJar()) as none, browser() as other:
            await begin(other, stage.bot.url)
            for stranger in (none, other):
                status, text = await page(stranger, back)
                assert (status, "not begun in this browser" in text) == (400, True)
        missing = back.replace("state=", "other=")
        assert "not begun in this browser" in (await page(mine, missing))[1]
        assert not host.accesses
        assert (await page(mine, back))[0] == 200
        assert "finished or given up before" in (await page(mine, back))[1]
        assert host.accesses == ["ok"]

        denied = await allow(mine, await begin(mine, stage.bot.url), "")
        assert "Slack was told not to" in (await page(mine, denied))[1]
        wrong = (await allow(mine, await begin(mine, stage.bot.url), ACME)).replace("code=", "code=x")
        assert "does not know this code" in (await page(mine, wrong))[1]
        late = await allow(mine, await begin(mine, stage.bot.url), ACME)
        host.expire_codes()
        assert "does not know this code" in (await page(mine, late))[1]

        down = await allow(mine, await begin(mine, stage.bot.url), ACME)
        stage.acme.faults.add("oauth.v2.access", status=503)
        assert (await page(mine, down))[0] == 503

        host.withhold = {"files:read"}
        less = await allow(mine, await begin(mine, stage.bot.url), BETA)
        status, text = await page(mine, less)
        assert (status, "files:read is missing" in text) == (400, True)
        host.withhold = set()
        stage.beta.workspace.org_wide = True
        status, text = await page(mine, await allow(mine, await begin(mine, stage.bot.url), BETA))
        assert (status, "whole organization" in text) == (400, True)
        assert [row.workspace_id for row in await rows(stage.bot)] == [ACME]
        asked = parse_qs(urlsplit(there).query)
        assert set(asked["scope"][0].split(",")) == stage.acme.manifest.scopes


async def test_a_state_is_good_for_ten_minutes(tmp_path: Path) -> None:
    async with slack_host() as host, bot_for(host, tmp_path, new_key()) as stage:
        async with stage.bot.core.database.transaction() as tx:
            await tx.installations.begin("state", "browser", now=0.0, expires_at=600.0)
        async with stage.bot.core.database.transaction() as tx:
            assert await tx.installations.finish("state", "browser", now=600.0) == "expired"
            assert await tx.installations.finish("state", "other", now=599.0) == "unknown"
            assert await tx.installations.finish("state", "browser", now=599.0) == "good"
            assert await tx.installations.finish("state", "browser", now=599.0) == "used"


async def test_a_new_key_takes_over_and_with_a_wrong_one_the_bot_does_not_start(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    async with slack_host() as host:
        async with bot_for(host, tmp_path, old) as stage:
            await install(stage, ACME)
            (before,) = await rows(stage.bot)
        async with bot_for(host, tmp_path, f"{new},{old}") as stage:
            assert await reseal_all(stage.bot.core.database.transaction, Vault.of(f"{new},{old}")) == 1
            assert await reseal_all(stage.bot.core.database.transaction, Vault.of(f"{new},{old}")) == 0
            (after,) = await rows(stage.bot)
            assert after.token != before.token
        async with bot_for(host, tmp_path, new) as stage:
            alice = stage.acme.add_user("alice")
            ops = stage.acme.add_channel("ops", [alice, stage.acme.bot_user])
            assert shown(await ask(stage.acme, alice, ops, "/fm status"))
        with pytest.raises(SettingError, match="FM_ENCRYPTION_KEY") as refused:
            async with bot_for(host, tmp_path, old):
                pass
        assert old not in str(refused.value)


async def test_a_token_that_runs_out_is_renewed_once_however_many_ask(tmp_path: Path) -> None:
    async with slack_host() as host, bot_for(host, tmp_path, new_key()) as stage:
        host.rotates = True
        await install(stage, ACME)
        async with stage.bot.core.database.transaction() as tx:
            row = await tx.installations.get(WorkspaceId(ACME))
            assert row is not None
            assert await tx.installations.renew(
                row, token=row.token, refresh_token=row.refresh_token, expires_at=1.0
            )
        first = stage.acme.bot_token
        alice = stage.acme.add_user("alice")
        for number in range(3):
            channel = stage.acme.add_channel(f"c{number}", [alice, stage.acme.bot_user])
            await stage.acme.share(alice, channel, f"{number}.txt", b"Some words of a file.")
        await at_rest(stage.acme, stage.bot)
        assert host.accesses == ["ok", "ok"]
        assert stage.acme.bot_token != first
