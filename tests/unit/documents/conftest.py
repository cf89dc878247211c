from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.database import Database

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]


async def opened(folder: Path) -> Database:
    return await Database.open(f"sqlite+aiosqlite:///{folder / 'state.db'}", lock_dir=folder)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await opened(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Run]:
    """For property tests: one database and one loop for all examples, which use ids of their own."""

    @contextmanager
    def loop() -> Iterator[Run]:
        with asyncio.Runner() as runner:
            database = runner.run(opened(tmp_path))
            try:
                yield lambda scenario: runner.run(scenario(database))
            finally:
                runner.run(database.close())

    with loop() as run:
        yield run
