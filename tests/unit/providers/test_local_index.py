from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from contracts.vector_index import C1, D1, MANY, TEAM, chunks_of, document, ids, scope, vectors
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel

from bot.documents import tables
from bot.domain import EmbeddingSpace, Query
from bot.errors import OperatorError, ProviderUnavailable
from bot.providers.local.expression import expression_of
from bot.providers.local.index import MAX_WAITING, LocalIndex
from bot.providers.local.index_words import TABLE
from bot.search.words import MAX_PHRASES, MAX_TERMS

SPACE = EmbeddingSpace("test", 16)


def index_at(path: Path, space: EmbeddingSpace = SPACE) -> LocalIndex:
    return LocalIndex(path / "fm.db", space)


async def fill(index: LocalIndex, *texts: str, generation: int = 1) -> None:
    doc = document(generation=generation)
    await index.write(doc, chunks_of(*texts), vectors(len(texts), SPACE.dimension))
    await index.publish(doc)


async def all_by_words_and_meaning(index: LocalIndex, word: str) -> tuple[list[str], list[str]]:
    by_words = await index.keyword(scope(C1), Query(word), MANY)
    by_meaning = await index.dense(scope(C1), vectors(1, SPACE.dimension)[0], MANY)
    return sorted(ids(by_words)), sorted(ids(by_meaning))


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, *(f"disk {n}" for n in range(5)))
        before = await index.dense(scope(C1), vectors(1, SPACE.dimension)[0], MANY)

    async with index_at(tmp_path) as index:
        assert await index.dense(scope(C1), vectors(1, SPACE.dimension)[0], MANY) == before
        assert len(await index.keyword(scope(C1), Query("disk"), MANY)) == 5


@pytest.mark.parametrize("other", [EmbeddingSpace("test", 32), EmbeddingSpace("better", 16)])
async def test_embeddings_of_another_model_are_not_mixed_in(tmp_path: Path, other: EmbeddingSpace) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, "disk")

    async with index_at(tmp_path, other) as index:
        assert await index.dense(scope(C1), vectors(1, other.dimension)[0], MANY) == []
        assert ids(await index.keyword(scope(C1), Query("disk"), MANY)) == ["d1:1:0"]
        assert await index.behind(TEAM) == [D1]


async def test_an_index_of_before_there_were_spaces_keeps_its_vectors(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, "disk")
    with closing(sqlite3.connect(tmp_path / "fm.db")) as file:
        file.execute("DROP TABLE index_space")
        file.execute("INSERT INTO index_meta VALUES ('space', 'test/16')")
        file.commit()

    async with index_at(tmp_path) as index:
        assert await index.spaces(TEAM) == {SPACE.label}
        assert await all_by_words_and_meaning(index, "disk") == (["d1:1:0"], ["d1:1:0"])
    async with index_at(tmp_path, EmbeddingSpace("better", 16)) as index:
        assert await index.spaces(TEAM) == {SPACE.label}


async def test_an_empty_index_takes_another_model(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, "disk")
        await index.delete(TEAM, D1)

    async with index_at(tmp_path, EmbeddingSpace("better", 32)) as index:
        assert (await index.stats()).chunks == 0


async def test_a_removal_that_was_cut_off_is_finished_at_the_next_start(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, *(f"disk {n}" for n in range(5)))
    with closing(sqlite3.connect(tmp_path / "fm.db")) as file:
        file.execute("DELETE FROM index_document_channel")
        file.execute("UPDATE index_document SET state = 'dropped', generation = -id")
        file.commit()

    async with index_at(tmp_path) as index:
        assert (await index.stats()).chunks == 0
        await fill(index, "a new disk")
        assert await all_by_words_and_meaning(index, "disk") == (["d1:1:0"], ["d1:1:0"])


async def test_a_write_waits_for_another_writer_of_the_file(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        with closing(sqlite3.connect(tmp_path / "fm.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("CREATE TABLE theirs (x)")
            filling = asyncio.create_task(fill(index, "disk"))
            assert await all_by_words_and_meaning(index, "disk") == ([], [])  # searches don't wait
            assert not filling.done()
            other.execute("COMMIT")
        await filling

        assert await all_by_words_and_meaning(index, "disk") == (["d1:1:0"], ["d1:1:0"])


async def test_a_cancelled_write_is_either_whole_or_not_there(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        with closing(sqlite3.connect(tmp_path / "fm.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            filling = asyncio.create_task(fill(index, "disk", "disk"))
            await asyncio.sleep(0)
            filling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await filling
            other.execute("COMMIT")
        await index.publish(document())

        by_words, by_meaning = await all_by_words_and_meaning(index, "disk")
        assert by_words == by_meaning
        assert len(by_words) in {0, 2}


async def test_a_closed_or_unopened_index_says_so(tmp_path: Path) -> None:
    index = index_at(tmp_path)
    with pytest.raises(ProviderUnavailable):
        await index.ping()
    with pytest.raises(ProviderUnavailable):
        await index.delete(TEAM, D1)
    await index.open()
    await index.close()
    await index.close()

    with pytest.raises(ProviderUnavailable):
        await index.ping()


async def test_closing_lets_writes_finish(tmp_path: Path) -> None:
    index = index_at(tmp_path)
    await index.open()
    writes = [asyncio.create_task(fill(index, f"disk {n}", generation=n)) for n in range(1, 4)]
    await asyncio.sleep(0)
    await index.close()
    await asyncio.gather(*writes, return_exceptions=True)

    async with index_at(tmp_path) as again:
        assert (await again.stats()).chunks == 3


async def test_a_damaged_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "fm.db").write_bytes(b"not a database, but long enough to be looked at" * 100)

    with pytest.raises(OperatorError, match="damaged"):
        await index_at(tmp_path).open()


async def test_a_folder_that_is_missing_can_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable):
        await index_at(tmp_path / "nowhere").open()


async def test_more_searches_than_can_wait_are_refused(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        searches = [index.keyword(scope(C1), Query("disk"), 5) for _ in range(MAX_WAITING + 10)]
        results = await asyncio.gather(*searches, return_exceptions=True)
        refused = [result for result in results if isinstance(result, ProviderUnavailable)]

        assert len(refused) == 10
        assert await index.keyword(scope(C1), Query("disk"), 5) == []


async def test_work_is_done_outside_the_event_loops_thread(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await asyncio.gather(*(index.ping() for _ in range(8)))
        await fill(index, "disk")
        names = {thread.name.rsplit("_", 1)[0] for thread in threading.enumerate()}

        assert {"index-read", "index-write"} <= names


async def test_text_that_is_not_unicode_is_stored_with_its_length(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, "disk \ud800 full\x00end")

        (found,) = await index.keyword(scope(C1), Query("disk"), 5)

        assert found.text == "disk ? full\x00end"


async def test_a_documents_removal_empties_every_table(tmp_path: Path) -> None:
    async with index_at(tmp_path) as index:
        await fill(index, *(f"disk {n} データ" for n in range(230)))
        await fill(index, *(f"disk {n}" for n in range(110)), generation=2)
        await index.delete(TEAM, D1)
    with closing(sqlite3.connect(tmp_path / "fm.db")) as file:
        for table in ("index_document", "index_document_channel", "index_chunk", "index_vector"):
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608  # constants
        assert file.execute("SELECT count(*) FROM index_fts WHERE index_fts MATCH 'disk'").fetchone() == (0,)
        file.execute("INSERT INTO index_fts (index_fts) VALUES ('integrity-check')")


async def test_its_tables_are_apart_from_the_states(tmp_path: Path) -> None:
    async with index_at(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "fm.db")) as file:
        names = {
            name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        }

    assert tables.Document.__tablename__ in SQLModel.metadata.tables
    assert all(name.startswith("index_") for name in names)
    assert not names.intersection(SQLModel.metadata.tables)


@given(text=st.text(max_size=3_000), phrases=st.lists(st.text(max_size=300), max_size=20))
def test_whatever_is_asked_makes_a_bounded_expression_that_fts5_takes(text: str, phrases: list[str]) -> None:
    expression = expression_of(Query(text, tuple(phrases)))

    assert len(expression.required) <= MAX_PHRASES
    assert len(expression.wanted) <= 4 * MAX_TERMS
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute(TABLE)
        for asked in (*expression.wanted, str(expression)) if expression else ():
            file.execute("SELECT count(*) FROM index_fts WHERE index_fts MATCH ?", (asked,)).fetchone()
