from __future__ import annotations

from bot.errors import (
    FileRejected,
    MessageRefused,
    PermissionMissing,
    ProviderUnavailable,
    QueryRejected,
    RateLimited,
    SettingError,
)
from bot.slack.error_replies import UNEXPECTED, error_reply


def test_what_the_person_can_mend_comes_with_how() -> None:
    error = QueryRejected("There is nothing to search for", "Type a few words after `/fm search`.")
    assert error_reply(error) == "There is nothing to search for. Type a few words after `/fm search`."


def test_what_passes_by_itself_asks_for_another_try() -> None:
    assert error_reply(ProviderUnavailable("Slack could not be reached")).endswith("Try again in a minute.")
    assert "slow down" in error_reply(RateLimited("Slack asks to slow down", 3.0))


def test_what_only_the_operator_can_mend_names_the_command_that_helps() -> None:
    assert "fm doctor" in error_reply(PermissionMissing("files.info", "files:read"))


def test_a_bug_shows_nothing_of_its_inside() -> None:
    assert error_reply(RuntimeError("secret path /etc/token xoxb-1")) == UNEXPECTED


def test_a_setting_error_never_repeats_the_value() -> None:
    assert str(SettingError("SLACK_BOT_TOKEN", "is not a bot token")) == "SLACK_BOT_TOKEN: is not a bot token"


def test_every_person_error_has_a_sentence() -> None:
    for error in (FileRejected("x", "it is empty"), MessageRefused("is_archived")):
        assert error_reply(error)[0].isupper()
