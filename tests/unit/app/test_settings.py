from __future__ import annotations

import pytest

from bot.errors import SettingError
from bot.settings import Settings


def refusal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> SettingError:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as refused:
        Settings.from_environment()
    return refused.value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FM_PORT", "eighty"),
        ("FM_MAX_FILE_MB", "0"),
        ("FM_LOG_LEVEL", "loud"),
        ("SLACK_BOT_TOKEN", "xapp-secret-value"),
        ("SLACK_APP_TOKEN", "xoxb-secret-value"),
        ("SLACK_API_URL", "http://slack.example.com/api/"),
        ("SLACK_API_URL", "ftp://slack.com/"),
        ("PINECONE_CONTROLLER_HOST", "http://pinecone.example.com"),
        ("FM_DATABASE_URL", "mysql://u:secret-value@db/fm"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    error = refusal(monkeypatch, name, value)
    assert error.name == name
    assert str(error).startswith(f"{name}: ")
    assert "secret-value" not in f"{error}{error.advice}"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FM_PORT", "")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    assert Settings.from_environment().port == 8080


def test_the_mode_follows_from_the_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().slack_mode == "none"
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")
    with pytest.raises(SettingError, match="SLACK_BOT_TOKEN: is not set"):
        _ = Settings.from_environment().slack_mode
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert Settings.from_environment().slack_mode == "http"
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert Settings.from_environment().slack_mode == "socket"


def test_a_bot_token_alone_asks_for_the_other_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(SettingError, match="SLACK_APP_TOKEN") as refused:
        _ = Settings.from_environment().slack_mode
    assert "SLACK_SIGNING_SECRET" in refused.value.advice


def test_no_secret_is_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret-value")
    monkeypatch.setenv("CO_API_KEY", "secret-value")
    assert "secret-value" not in repr(Settings.from_environment())


def test_signing_in_with_slack_that_is_set_up_halfway_is_named() -> None:
    one = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "slack_client_id": "1"}
    assert Settings(**one).slack_mode == "socket"  # without a console there is nothing to sign in to
    one["console_token"] = "a token for the operators"
    for given, missing in (
        ({}, "SLACK_CLIENT_SECRET"),
        ({"slack_client_id": None, "slack_client_secret": "1"}, "SLACK_CLIENT_ID"),
        ({"slack_client_secret": "1", "host": "10.0.0.1"}, "FM_PUBLIC_URL"),
        ({"slack_client_secret": "1", "encryption_key": "1"}, "SLACK_BOT_TOKEN"),
    ):
        with pytest.raises(SettingError, match=missing):
            _ = Settings(**(one | given)).slack_mode
    fine = Settings(**one, slack_client_secret="1")
    assert (fine.slack_mode, fine.installable) == ("socket", False)
