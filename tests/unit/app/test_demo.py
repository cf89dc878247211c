from __future__ import annotations

from pathlib import Path

from bot.app.demo import settings_for_demo
from bot.playground.server import Playground
from bot.settings import Settings


async def test_the_demo_runs_whatever_is_set_for_slack(tmp_path: Path) -> None:
    many = Settings(
        slack_client_id="1.2",
        slack_client_secret="3",
        slack_signing_secret="4",
        encryption_key="5",
        public_url="https://bot.example.com",
        console_token="a token for the operators",
        host="10.0.0.1",
    )
    assert (many.slack_mode, many.installable) == ("http", True)
    slack = Playground()
    shown = settings_for_demo(many, slack, tmp_path)
    await slack.close()
    assert (shown.slack_mode, shown.installable, shown.host) == ("socket", False, "127.0.0.1")
