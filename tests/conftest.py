"""What holds for every test."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from support.postgres import (  # noqa: F401  # fixtures
    _migrated,
    emptied_postgres_url,
    empty_postgres_url,
    postgres_server,
    postgres_url,
)

from bot.settings import Settings, variable_of


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests decides nothing in them."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)


# Nothing here speaks TLS, yet each client of a vendor reads the trusted authorities anew (17 ms): so there is
# one, which signed nothing.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "data" / "nobody.pem")


def pytest_collection_finish() -> None:
    """Thousands of tests and hundreds of modules stay to the end: looking through them again and again for
    what is to be freed takes an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
