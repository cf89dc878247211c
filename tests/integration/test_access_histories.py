"""Whatever happens in a workspace, nobody is shown or told the number of what they may not read.

`benchmarks/access_histories.py` plays many more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.histories.player import STEPS, Player, Step, Tally
from support.histories.stage import Stage
from support.tables import sqlite_in
from support.world import OneChunk

from bot.database import Database
from bot.providers.local.index import LocalIndex

HISTORIES = 10
histories = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 10_000)), max_size=25)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    try:
        async with LocalIndex(tmp_path / "state.db", OneChunk.space) as index:
            yield Stage(database, index, tmp_path)
    finally:
        await database.close()


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=histories)
async def test_no_history_shows_anybody_what_they_may_not_read(stage: Stage, steps: list[Step]) -> None:
    tally = Tally()
    await Player(stage, tally).play(steps)
    assert tally.shown > 0, "and yet they find what they may"
