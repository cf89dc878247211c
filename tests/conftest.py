"""What holds for every test."""

from __future__ import annotations

import pytest

from bot.settings import Settings, variable_of


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests decides nothing in them."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)
