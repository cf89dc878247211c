from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from contracts.vector_index import C1, C2, D1, MANY, TEAM, chunks_of, document, ids, scope, vectors

from bot.domain import EmbeddingSpace, Query
from bot.providers.local.index import LocalIndex
from bot.providers.local.index_keyword import ENOUGH_ROWS

SPACE = EmbeddingSpace("test", 16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fm.db"


@pytest.fixture
def file(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        yield file


async def add(index: LocalIndex, name: str, *texts: str, title: str = "Notes") -> None:
    doc = document(name, title=title)
    await index.write(doc, chunks_of(*texts), vectors(len(texts), SPACE.dimension))
    await index.publish(doc)


async def found(path: Path, asked: str) -> list[str]:
    async with LocalIndex(path, SPACE) as index:
        return sorted(ids(await index.keyword(scope(C1), Query(asked), MANY)))


async def test_an_index_with_other_rules_for_words_is_written_anew(
    path: Path, file: sqlite3.Connection
) -> None:
    async with LocalIndex(path, SPACE) as index:
        await add(index, "d1", "disk one", "disk two")
    file.execute("DROP TABLE index_fts")
    file.execute("CREATE VIRTUAL TABLE index_fts USING fts5 (title, text, content='')")
    file.execute("UPDATE index_meta SET value = '0' WHERE key = 'words'")

    assert await found(path, "disk") == ["d1:1:0", "d1:1:1"]


async def test_writing_it_anew_begins_again_when_it_was_cut_off(path: Path, file: sqlite3.Connection) -> None:
    async with LocalIndex(path, SPACE) as index:
        await add(index, "d1", "disk one", "disk two")
    file.execute("INSERT INTO index_fts (index_fts) VALUES ('delete-all')")
    file.execute("DELETE FROM index_meta WHERE key = 'words'")

    assert await found(path, "disk") == ["d1:1:0", "d1:1:1"]


async def test_the_words_of_a_deleted_document_are_soon_nowhere_in_the_file(
    path: Path, file: sqlite3.Connection
) -> None:
    async with LocalIndex(path, SPACE) as index:
        await add(index, "keep", *(f"disk number{n}x" for n in range(300)))
        await add(index, "d1", "the secretpassphrase of the vault", "Käsekuchenrezept und die Zutaten dazu")
        await index.delete(TEAM, D1)

    async with LocalIndex(path, SPACE):
        held = b"".join(block for (block,) in file.execute("SELECT block FROM index_fts_data"))
    assert b"secretpassphras" not in held
    assert b"kasekuchen" not in held
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"secretpassphrase" not in path.read_bytes()


async def test_a_new_title_takes_the_place_of_the_former_one(path: Path) -> None:
    async with LocalIndex(path, SPACE) as index:
        await add(index, "d1", "text", title="Rückfallebene für denServer")
        await index.describe(document("d1", title="Handbuch"))

    assert await found(path, "Handbuch") == ["d1:1:0"]
    assert await found(path, "Rückfallebene") == []
    assert await found(path, "Server") == []


async def test_rows_with_only_the_commonest_word_give_way_to_enough_others(path: Path) -> None:
    async with LocalIndex(path, SPACE) as index:
        await add(index, "rare", *("disk array" for _ in range(ENOUGH_ROWS)))
        await add(index, "common", *("disk" for _ in range(ENOUGH_ROWS + 1)))

        both = await index.keyword(scope(C1), Query("disk array"), 1_000)
        one = await index.keyword(scope(C1), Query("disk"), 1_000)

    assert {candidate.document_id for candidate in both} == {"rare"}
    assert "common" in {candidate.document_id for candidate in one}


async def test_what_others_may_read_is_not_among_the_enough(path: Path) -> None:
    async with LocalIndex(path, SPACE) as index:
        hidden = document("hidden", channels=frozenset({C2}))
        texts = ["disk array"] * ENOUGH_ROWS
        await index.write(hidden, chunks_of(*texts), vectors(len(texts), SPACE.dimension))
        await index.publish(hidden)
        await add(index, "seen", *("disk" for _ in range(5)))

        assert len(await index.keyword(scope(C1), Query("disk array"), MANY)) == 5
