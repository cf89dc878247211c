from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.tables import sqlite_in

from bot.database import Database

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]


async def opened(folder: Path) -> Database:
    return await Database.open(sqlite_in(folder), lock_dir=folder)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("emptied_postgres_url"))
    return sqlite_in(tmp_path)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(database_url, lock_dir=tmp_path)
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
