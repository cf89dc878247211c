from __future__ import annotations

import pytest

from bot.errors import SettingError
from bot.settings import Settings
from bot.web.console.sessions import FAILURES, LASTS_S, WINDOW_S, Failures, Sessions

TOKEN = "a token for the operators"


def test_a_short_token_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FM_CONSOLE_TOKEN", "guess-me-not")
    with pytest.raises(SettingError, match="FM_CONSOLE_TOKEN: is shorter than 16") as refused:
        Settings.from_environment()
    assert "guess-me-not" not in str(refused.value)


def test_a_session_ends_with_its_time_with_the_token_and_when_it_is_changed() -> None:
    now = 1e9
    sessions = Sessions(TOKEN, lambda: now)
    note = sessions.begin()
    assert sessions.read(note) is not None
    assert Sessions(TOKEN + "!", lambda: now).read(note) is None
    ends, nonce, signature = note.split(".")
    for forged in (f"{int(ends) + 1}.{nonce}.{signature}", f"{ends}.{nonce}", "", "..", "ü.ü.ü", note + "x"):
        assert sessions.read(forged) is None
    now += LASTS_S
    assert sessions.read(note) is None


def test_whoever_guesses_has_to_wait_and_many_who_guess_make_all_wait() -> None:
    now = 0.0
    failures = Failures(lambda: now)
    for _ in range(5):
        assert failures.wait_s("10.0.0.1") == 0
        failures.note("10.0.0.1")
    assert failures.wait_s("10.0.0.1") == WINDOW_S
    assert failures.wait_s("10.0.0.2") == 0
    for number in range(FAILURES):
        failures.note(f"10.1.0.{number}")
    assert failures.wait_s("10.0.0.2") > 0
    now = WINDOW_S
    assert failures.wait_s("10.0.0.1") == 0
