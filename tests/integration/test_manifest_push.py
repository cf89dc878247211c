"""`fm manifest push` against a Slack that refuses what Slack refuses. Commands run in a thread beside it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient
from support.command_line import Ran, command_line

from bot.errors import OperatorError
from bot.playground.manifest import manifest_path
from bot.playground.server import Playground
from bot.providers.slack.app_config import AppConfig

MANIFEST = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Playground]:
    async with Playground.serve() as playground:
        monkeypatch.setenv("SLACK_API_URL", playground.api_url)
        monkeypatch.setenv("SLACK_CONFIG_TOKEN", playground.workspace.config.token)
        monkeypatch.setenv("FM_DATA_DIR", str(tmp_path))
        yield playground


async def push(capsys: pytest.CaptureFixture[str], *words: object) -> Ran:
    with command_line(capsys) as fm:
        return await asyncio.to_thread(fm, "manifest", "push", *words)


async def test_an_app_is_compared_and_changed_only_when_told(
    slack: Playground, capsys: pytest.CaptureFixture[str]
) -> None:
    config = slack.workspace.config
    app = config.create(MANIFEST)
    assert (await push(capsys, "--app", app)).out == f"{app} is as the manifest says\n"
    config.apps[app]["oauth_config"]["scopes"]["bot"].remove("users:read")
    config.apps[app]["settings"]["event_subscriptions"]["bot_events"].append("reaction_added")
    before = copy.deepcopy(config.apps[app])

    shown = await push(capsys, "--app", app)
    assert shown.code == 0
    assert "+ oauth_config.scopes.bot: users:read" in shown.out
    assert "- settings.event_subscriptions.bot_events: reaction_added" in shown.out
    assert "Nothing was changed: --apply does it" in shown.out
    assert "Install the app again then: scope users:read is new; event reaction_added goes" in shown.out
    assert config.apps[app] == before

    applied = await push(capsys, "--app", app, "--apply", "--json")
    assert (applied.json["applied"], len(applied.json["reinstall"])) == (True, 2)
    assert config.apps[app] == MANIFEST
    assert [c.method for c in slack.calls if c.method.startswith("apps.manifest.u")] == [
        "apps.manifest.update"
    ]


async def test_the_app_level_token_names_the_app(
    slack: Playground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = await push(capsys)
    assert (nameless.code, "--app: is not given" in nameless.err) == (2, True)
    slack.workspace.config.apps[slack.workspace.app_id] = MANIFEST
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    assert (await push(capsys)).out == f"{slack.workspace.app_id} is as the manifest says\n"
    stranger = await push(capsys, "--app", "A0NOBODY")
    assert (stranger.code, "--app: is no app" in stranger.err) == (2, True)


async def test_a_token_that_has_expired_is_refreshed_and_both_new_ones_are_kept(
    slack: Playground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = slack.workspace.config
    app = config.create(MANIFEST)
    config.expired = True
    refused = await push(capsys, "--app", app)
    assert (refused.code, "SLACK_CONFIG_TOKEN: has expired" in refused.err) == (2, True)
    monkeypatch.setenv("SLACK_CONFIG_REFRESH_TOKEN", config.refresh_token)
    refreshed = await push(capsys, "--app", app)
    assert refreshed.code == 0
    kept = tmp_path / "slack-app.env"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text() == (
        f"SLACK_CONFIG_TOKEN={config.token}\nSLACK_CONFIG_REFRESH_TOKEN={config.refresh_token}\n"
    )
    assert config.token not in refreshed.out + refreshed.err
    monkeypatch.delenv("SLACK_CONFIG_TOKEN")
    used_up = await push(capsys, "--app", app)
    assert (used_up.code, "SLACK_CONFIG_REFRESH_TOKEN" in used_up.err) == (2, True)


async def test_a_new_app_is_made_and_its_secrets_go_to_a_file(
    slack: Playground, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = await push(capsys, "--create", "--url", "https://bot.example.com/slack/events")
    [(app, manifest)] = slack.workspace.config.apps.items()
    assert (made.code, app in made.out, f"signing-of-{app}" in made.out) == (0, True, False)
    assert f"SLACK_SIGNING_SECRET=signing-of-{app}\n" in (tmp_path / "slack-app.env").read_text()
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/events")


async def test_what_slack_objects_to_is_told_with_its_place(slack: Playground) -> None:
    config = AppConfig(AsyncWebClient(token=slack.workspace.config.token, base_url=slack.api_url))
    wrong = copy.deepcopy(MANIFEST)
    wrong["settings"]["socket_mode_enabled"] = False
    with pytest.raises(OperatorError, match=r"/settings/event_subscriptions: Event Subscription requires"):
        await config.validate(wrong)
