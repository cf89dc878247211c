"""The same bytes in two files: read once, and never mixed with what one of them becomes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from support.tables import sqlite_in
from support.world import OneChunk, Truth, World

from bot.database import Database
from bot.domain import ChannelId, DocumentId, IndexedDocument
from bot.providers.local.index import LocalIndex

FIRST, SECOND = "F1", "F2"
SECRET = "the words of both"


class MeddledIndex(LocalIndex):
    """The embedded index, with something happening between choosing a twin and copying its chunks."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return await super().copy(source, document)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Two files with the same bytes; the first is indexed, the second is shared elsewhere and waits."""
    truth = Truth(text={FIRST: SECRET, SECOND: SECRET})
    truth.happen(FIRST, "share C1")
    truth.happen(SECOND, "share C2")
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    try:
        async with MeddledIndex(tmp_path / "state.db", OneChunk.space) as index:
            world = World(database, index, tmp_path, truth)
            await world.event(FIRST, "share C1")
            await world.work()
            await world.event(SECOND, "share C2")
            yield world
    finally:
        await database.close()


async def test_the_same_bytes_are_embedded_once(world: World) -> None:
    await world.work()
    assert await world.visible() == world.truth.visible()
    assert world.embeddings.embedded == 1


async def test_a_twin_that_changes_while_it_is_copied_gives_its_new_words_to_nobody(world: World) -> None:
    async def changes() -> None:
        world.truth.text[FIRST] = "other words for C1 alone"
        await world.event(FIRST, "change")
        world.now += 100.0
        await world.work()

    meddled(world).meanwhile = changes
    await world.work()
    await world.come_to_rest()
    found = await world.visible()
    assert found == world.truth.visible()
    assert found[SECOND] == (frozenset({ChannelId("C2")}), SECRET)


async def test_a_twin_that_goes_while_it_is_copied_leaves_the_other_readable(world: World) -> None:
    async def goes() -> None:
        world.truth.happen(FIRST, "delete")
        await world.event(FIRST, "delete")

    meddled(world).meanwhile = goes
    await world.work()
    await world.come_to_rest()
    assert await world.visible() == {SECOND: (frozenset({ChannelId("C2")}), SECRET)}


def meddled(world: World) -> MeddledIndex:
    assert isinstance(world.index, MeddledIndex)
    return world.index
