"""What holds for every test."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

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

# Dozens of tests start the program: it is compiled once, not each time anew (0.3 s), and so are the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:  # noqa: ANN401  # xdist's, which may not be there
    """See `support.workers`."""
    from support.workers import Together  # noqa: PLC0415  # as above

    return Together(config, log)


def pytest_collection_finish() -> None:
    """Thousands of tests and hundreds of modules stay to the end: looking through them again and again for
    what is to be freed takes an eighth of the time."""
    _look_for_garbage_once()
    gc.set_threshold(50_000, 50, 50)


def pytest_sessionfinish() -> None:
    """Pytest looks five times at the end, half a second each."""
    _look_for_garbage_once()


def _look_for_garbage_once() -> None:
    gc.collect()
    gc.freeze()
