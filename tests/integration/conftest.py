from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from chromium import Scene, chromium, find_chromium, scene_in
from playwright.async_api import Browser
from support.command_line import Run, command_line


@pytest.fixture
def fm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """The command line, on a data folder of the test's own."""
    monkeypatch.setenv("FM_DATA_DIR", str(tmp_path / "data"))
    with command_line(capsys) as run:
        yield run


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of a file."""
    path = find_chromium()
    if path is None:
        pytest.skip("needs an installed Chromium")
    async with chromium(path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser) -> AsyncIterator[Scene]:
    """The demo's page in a workspace of its own."""
    async with scene_in(browser) as shown:
        yield shown
