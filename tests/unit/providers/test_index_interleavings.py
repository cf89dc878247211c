"""Changes that fall into the middle of a search, and removals that are cut off, at the worst moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from contracts.vector_index import C1, D1, MANY, TEAM, chunks_of, document, ids, scope, vectors

from bot.domain import EmbeddingSpace, IndexedDocument, Query
from bot.ports import Vectors
from bot.providers.local import index_keyword, index_read
from bot.providers.local.index_schema import connect_reader, connect_writer, prepare
from bot.providers.local.index_words import renew
from bot.providers.local.index_write import IndexWriter
from bot.providers.local.vectors import Ids, VectorMemory

SPACE = EmbeddingSpace("test", 16)


class Interrupted(VectorMemory):
    """Runs what it is given once, just before or after the next comparison, or fails the next removal."""

    def __init__(self) -> None:
        super().__init__(SPACE.dimension)
        self.before: Callable[[], None] | None = None
        self.after: Callable[[], None] | None = None
        self.failing = False

    def nearest(self, vector: Vectors, documents: Ids, limit: int) -> tuple[Ids, Vectors]:
        before, self.before = self.before, None
        after, self.after = self.after, None
        if before:
            before()
        found = super().nearest(vector, documents, limit)
        if after:
            after()
        return found

    def drop(self, ids: Iterable[int]) -> None:
        failing, self.failing = self.failing, False
        if failing:
            raise sqlite3.OperationalError("the disk is full")
        super().drop(ids)


class Workbench:
    def __init__(self, path: Path) -> None:
        self.file = connect_writer(path)
        prepare(self.file, [SPACE])
        renew(self.file)
        self.reader = connect_reader(path)
        self.memory = Interrupted()
        self.writer = IndexWriter(self.file, {0: self.memory})

    def write(self, doc: IndexedDocument, *texts: str) -> None:
        made = vectors(len(texts), SPACE.dimension, doc.generation)
        self.writer.write(doc, chunks_of(*texts), {0: made})

    def by_meaning(self) -> list[str]:
        query = vectors(1, SPACE.dimension)[0]
        return sorted(ids(index_read.dense(self.reader, self.memory, scope(C1), query, MANY)))

    def by_words(self) -> list[str]:
        return sorted(ids(index_keyword.keyword(self.reader, scope(C1), Query("disk"), MANY)))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    bench = Workbench(tmp_path / "fm.db")
    bench.write(document(), "disk one", "disk two")
    bench.writer.publish(document())
    yield bench
    bench.reader.close()
    bench.file.close()


def test_a_generation_replaced_before_the_comparison_is_looked_for_anew(bench: Workbench) -> None:
    new = document(generation=2)
    bench.write(new, "disk three")
    bench.memory.before = lambda: bench.writer.publish(new)

    assert bench.by_meaning() == ["d1:2:0"]


def test_a_generation_replaced_after_the_comparison_is_looked_for_anew(bench: Workbench) -> None:
    new = document(generation=2)
    bench.write(new, "disk three")
    bench.memory.after = lambda: bench.writer.publish(new)

    assert bench.by_meaning() == ["d1:2:0"]


def test_a_generation_that_is_not_yet_out_of_memory_is_read_as_it_was(bench: Workbench) -> None:
    new = document(generation=2)
    bench.write(new, "disk three")
    ahead_of_memory = IndexWriter(bench.file, {0: VectorMemory(SPACE.dimension)})
    bench.memory.after = lambda: ahead_of_memory.publish(new)

    assert bench.by_meaning() == ["d1:1:0", "d1:1:1"]


def test_what_a_cut_off_removal_left_does_not_come_back_with_its_number(bench: Workbench) -> None:
    bench.write(document(), *(f"disk {n}" for n in range(130)))  # two transactions remove them
    bench.memory.failing = True
    with pytest.raises(sqlite3.OperationalError):
        bench.writer.delete(TEAM, D1)
    assert bench.by_words() == bench.by_meaning() == []

    bench.write(document(), "disk anew")
    bench.writer.publish(document())

    assert bench.by_words() == bench.by_meaning() == ["d1:1:0"]
