"""What a load balancer and Prometheus see."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from support.bot import bot_in, caught_up, settings_for
from support.slack import verdict

from bot.app import running
from bot.errors import DatabaseInUse, SettingError
from bot.playground.server import Playground


async def test_a_running_bot_is_alive_ready_and_tells_its_figures(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot, aiohttp.ClientSession(bot.url) as web:
        await verdict(slack, (await slack.share(alice, ops, "a.txt", b"some words")).ts)
        await caught_up(slack, bot)
        async with web.get("/healthz") as response:
            assert response.status == 200
        async with web.get("/readyz") as response:
            assert response.status == 200
            assert await response.json() == {
                "ready": True,
                "dependencies": {"database": "ok", "index": "ok", "slack": "ok", "event_loop": "ok"},
            }
        async with web.get("/metrics") as response:
            figures = await response.text()
    assert 'faultmaven_documents{status="indexed"} 1.0' in figures
    assert "faultmaven_inbox_waiting 0.0" in figures
    assert 'faultmaven_stage_seconds_count{stage="extract"} 1.0' in figures
    assert 'faultmaven_vendor_calls_total{operation="files.info",outcome="ok",vendor="slack"}' in figures
    assert 'faultmaven_ack_seconds_count{kind="event"}' in figures
    assert "faultmaven_slack_link_up 1.0" in figures


async def test_readiness_names_the_link_to_slack_while_it_is_down(tmp_path: Path) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path) as bot:
        slack.faults.reject_tickets(1000)
        slack.socket.drop()
        await slack.until(lambda: not slack.connected)
        async with aiohttp.ClientSession(bot.url) as web, web.get("/readyz") as response:
            assert response.status == 503
            body = await response.json()
        assert body["dependencies"]["slack"] == "the Socket Mode connection is down"
        assert body["dependencies"]["database"] == "ok"


async def test_a_token_that_slack_rejects_is_a_wrong_setting(slack: Playground, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"SLACK_BOT_TOKEN: Slack rejects it \(invalid_auth\)"):
        async with running(settings_for(slack, tmp_path, slack_bot_token="xoxb-wrong")):
            pass


async def test_an_app_token_that_slack_rejects_is_a_wrong_setting(tmp_path: Path) -> None:
    async with Playground.serve() as slack:
        with pytest.raises(SettingError, match="SLACK_APP_TOKEN: Slack rejects it"):
            async with running(settings_for(slack, tmp_path, slack_app_token="xapp-wrong")):
                pass


async def test_a_second_bot_on_the_same_folder_is_refused(slack: Playground, tmp_path: Path) -> None:
    async with bot_in(slack, tmp_path):
        with pytest.raises(DatabaseInUse):
            async with running(settings_for(slack, tmp_path)):
                pass


async def test_a_port_that_is_taken_names_the_setting(slack: Playground, tmp_path: Path) -> None:
    async with bot_in(slack, tmp_path / "one") as bot:
        with pytest.raises(SettingError, match="FM_PORT"):
            async with running(settings_for(slack, tmp_path / "two", port=bot.port)):
                pass
