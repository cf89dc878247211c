"""`fm doctor`, `fm db` and the change of keys where workspaces install the bot by OAuth."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.bot import HURRY
from support.command_line import Ran
from support.installing import install

from bot.app import Running, running
from bot.documents.vault import new_key
from bot.domain import WorkspaceId
from bot.playground.host import SlackHost
from bot.playground.manifest import bot_scopes
from bot.playground.server import Playground
from bot.settings import Settings

ACME, BETA = "T0ACME001", "T0BETA002"
OPTIONAL = min(bot_scopes()[1])
"""A scope that Acme didn't grant."""
Doctor = dict[str, dict[str, Any]]
Fm = Callable[..., Awaitable[Ran]]


@asynccontextmanager
async def host_of(monkeypatch: pytest.MonkeyPatch, folder: Path, key: str) -> AsyncIterator[SlackHost]:
    """Slack, and an environment that is set up for its app; nothing is installed yet."""
    acme = Playground(delivery="http", team_id=ACME, withhold=[OPTIONAL])
    async with SlackHost.serve(acme, Playground(delivery="http", team_id=BETA)) as host:
        for name, value in {
            "SLACK_CLIENT_ID": host.client_id, "SLACK_CLIENT_SECRET": host.client_secret,
            "SLACK_SIGNING_SECRET": host.signing_secret, "SLACK_API_URL": host.api_url,
            "FM_ENCRYPTION_KEY": key, "FM_DATA_DIR": str(folder), "FM_PORT": "0",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield host


@asynccontextmanager
async def bot_of(host: SlackHost) -> AsyncIterator[Running]:
    async with running(Settings.from_environment(), pace=HURRY) as bot:
        host.redirect_uris.add(f"{bot.url}/slack/oauth_redirect")
        yield bot


@pytest.fixture
def fm_beside(fm: Callable[..., Ran]) -> Fm:
    """`fm` in a thread, so that Slack can answer it meanwhile."""

    async def run(*words: object) -> Ran:
        return await asyncio.to_thread(fm, *words)

    return run


async def doctor(fm: Fm) -> Doctor:
    """What it says, by name."""
    found = json.loads((await fm("doctor", "--json")).out)
    return {one["name"]: one for one in found["findings"]}


async def test_the_doctor_says_of_each_workspace_what_is_wrong_and_how_it_is_mended(
    fm_beside: Fm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, beta = f"workspace Acme ({ACME})", f"workspace Acme ({BETA})"
    async with host_of(monkeypatch, tmp_path / "data", new_key()) as host:
        found = await doctor(fm_beside)
        assert found["install page"]["found"].endswith("/slack/oauth_redirect")
        assert (found["workspaces"]["verdict"], "slack" in found) == ("note", False)
        assert "/slack/install" in found["workspaces"]["fix"]
        async with bot_of(host) as bot:
            host.rotates = True
            for team in (ACME, BETA):
                await install(bot.url, team)
            found = await doctor(fm_beside)
            for name in (beta, "clock"):
                assert (found[name]["verdict"], found[name]["fix"]) == ("fine", "")
            assert (found[acme]["verdict"], found[acme]["found"]) == ("warning", f"lacks {OPTIONAL}")
            assert "Install it there again" in found[acme]["fix"]

            ours, theirs = (host.workspaces[team] for team in (ACME, BETA))
            theirs.workspace.uninstalled = True  # and the event was lost
            found = await doctor(fm_beside)
            assert (found[beta]["verdict"], "account_inactive" in found[beta]["found"]) == ("problem", True)
            assert "Install it there again" in found[beta]["fix"]

            ours.faults.add("auth.test", status=503, times=9)
            assert "Try again" in (await doctor(fm_beside))[acme]["fix"], "that is no reason to install anew"
            ours.faults.clear()
            async with bot.core.database.transaction() as tx:
                row = await tx.installations.get(WorkspaceId(ACME))
                assert row is not None
                await tx.installations.renew(row, token=row.token, refresh_token=None, expires_at=1.0)
            found = await doctor(fm_beside)
            assert (found[acme]["found"], found[acme]["verdict"]) == ("its token has run out", "warning")
        monkeypatch.setenv("FM_ENCRYPTION_KEY", new_key())
        found = await doctor(fm_beside)
        for name in (acme, beta):
            assert "FM_ENCRYPTION_KEY" in found[name]["found"]
            assert "former key" in found[name]["fix"]


async def test_a_key_is_changed_by_the_command_while_the_bot_runs_and_then_the_former_is_needed_no_more(
    fm_beside: Fm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (await fm_beside("db", "new-key")).out.strip()
    new = (await fm_beside("db", "new-key")).out.strip()
    async with host_of(monkeypatch, tmp_path / "data", old) as host:
        async with bot_of(host) as bot:
            for team in (ACME, BETA):
                await install(bot.url, team)
        idle = await fm_beside("db", "rotate-key")
        assert (idle.code, idle.out[:18]) == (0, "0 workspaces moved")

        monkeypatch.setenv("FM_ENCRYPTION_KEY", new)
        refused = await fm_beside("db", "rotate-key")
        assert (refused.code, "FM_ENCRYPTION_KEY" in refused.err) == (2, True)
        monkeypatch.setenv("FM_ENCRYPTION_KEY", f"{new},{old}")
        async with bot_of(host):
            moved = await fm_beside("db", "rotate-key")
            assert (moved.code, moved.out[:18]) == (0, "2 workspaces moved")
            assert (await fm_beside("db", "rotate-key")).out.startswith("0 workspaces moved")
        monkeypatch.setenv("FM_ENCRYPTION_KEY", new)
        async with bot_of(host):
            found = await doctor(fm_beside)
            for team in (ACME, BETA):
                assert found[f"workspace Acme ({team})"]["verdict"] != "problem"
        tables = (await fm_beside("db", "--json")).json["tables"]
        assert tables["installation"] == 2
        said = [refused, moved]
        assert not [one for one in said for secret in (old, new) if secret in one.out + one.err]
