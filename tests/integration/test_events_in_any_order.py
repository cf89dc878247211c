"""In whatever order and however often the events of three files arrive, the end is the same."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.tables import sqlite_in
from support.world import OneChunk, Truth, World

from bot.database import Database
from bot.ingest.reconcile import reconcile
from bot.providers.local.index import LocalIndex

FILES = ("F1", "F2", "F3")
STEPS = ("share C1", "share C2", "change", "unshare C1", "unshare C2", "delete")


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[tuple[Database, LocalIndex]]:
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    try:
        async with LocalIndex(tmp_path / "state.db", OneChunk.space) as index:
            yield database, index
    finally:
        await database.close()


scripts = st.fixed_dictionaries({file: st.lists(st.sampled_from(STEPS), max_size=4) for file in FILES})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=scripts, seed=st.integers(0, 2**32))
async def test_any_order_and_multiplicity_of_the_events_of_three_files_ends_like_the_plain_order(
    opened: tuple[Database, LocalIndex], tmp_path: Path, scripts: dict[str, list[str]], seed: int
) -> None:
    """Each example has a workspace of its own."""
    rng = random.Random(seed)  # noqa: S311  # an order
    truth = Truth()
    plain = [(file, step) for file, steps in scripts.items() for step in ["share C1", *steps]]
    for file, step in plain:
        truth.happen(file, step)
    muddled = [event for event in plain for _ in range(rng.randint(1, 3))]
    rng.shuffle(muddled)
    for events in (plain, muddled):
        world = World(*opened, tmp_path, truth)
        for file, step in events:
            await world.event(file, step)
            if rng.random() < 0.3:
                await world.work()
        await world.come_to_rest()
        assert await world.visible() == truth.visible()
        held = await reconcile(world.ingest.transaction, world.index, world.team, now=world.now, repair=False)
        assert held.agree
