from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.tables import sqlite_in

from bot.database import Database
from bot.domain import ChannelId, Query, Scope, WorkspaceId
from bot.errors import OperatorError, RateLimited
from bot.evaluate.ask import Asked, Subject, answers_to, ask
from bot.evaluate.build import build
from bot.evaluate.collection import Entry, Question
from bot.ports import Vectors
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.search.narrow import Narrowed
from bot.search.pipeline import SearchPipeline

SCOPE = Scope(WorkspaceId("T1"), frozenset({ChannelId("C1")}))
ENTRIES = [
    Entry("trees", "Trees", "Herons nest in tall trees.\n\n" * 80),
    Entry("failover.md", "Failover", "# Steps\n\nPromote the standby."),
    Entry("empty", "", ""),
]


class Busy(LocalEmbeddingProvider):
    """Embeddings that are busy for the first questions."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = 0

    async def embed_query(self, text: str) -> Vectors:
        if self.refuses:
            self.refuses -= 1
            raise RateLimited("slow down", 0)
        return await super().embed_query(text)


class Backwards:
    """A reranker that turns everything round; it says what it was given."""

    def __init__(self) -> None:
        self.judged: list[str] = []

    async def rerank(self, query: str, texts: Sequence[str], top_n: int) -> list[tuple[int, float]]:
        del query, top_n
        self.judged += texts
        return [(place, place / len(texts)) for place in reversed(range(len(texts)))]


@asynccontextmanager
async def searching(folder: Path, reranker: Backwards | None = None) -> AsyncIterator[SearchPipeline]:
    database = await Database.open(sqlite_in(folder), lock_dir=None)
    embeddings = Busy()
    async with LocalIndex(folder / "index.db", embeddings.space) as index:
        yield SearchPipeline(database.transaction, index, embeddings, reranker=reranker, noted=False)
    await embeddings.close()
    await database.close()


def asked(text: str, right: str, name: str = "q") -> Asked:
    return Asked(Question(name, text, {right: 1}), Narrowed(SCOPE, Query(text)))


async def test_a_document_counts_once_where_its_best_chunk_stands(tmp_path: Path) -> None:
    async with searching(tmp_path) as pipeline:
        done: list[int] = []
        built = await build(pipeline, SCOPE, ENTRIES, done.append)
        assert sorted(built.names.values()) == sorted(entry.id for entry in ENTRIES)
        assert (built.chunks, done) == (4, [3])
        questions = [asked("where do herons nest", "trees"), asked("promote the standby", "failover.md")]
        answers, told = await ask(pipeline, Subject(built.names, built.titles), questions, done.append)
    assert [answer.measures["hybrid"]["mrr@10"] for answer in answers] == [1, 1]
    assert [answer.measures.keys() for answer in answers] == [{"keyword", "dense", "hybrid"}] * 2
    assert all(answer.took_ms["hybrid"] > 0 for answer in answers)
    assert told == {}
    assert done == [3, 1, 2]


async def test_a_reranker_gets_the_collections_titles_and_the_last_word(tmp_path: Path) -> None:
    backwards = Backwards()
    async with searching(tmp_path, backwards) as pipeline:
        built = await build(pipeline, SCOPE, ENTRIES, lambda _: None)
        question = asked("promote the standby where herons nest", "failover.md")
        [answer], _ = await ask(pipeline, Subject(built.names, built.titles), [question], lambda _: None)
    assert any(text.startswith("Failover\nSteps\n") for text in backwards.judged)
    assert answer.measures["reranked"]["mrr@10"] != answer.measures["hybrid"]["mrr@10"]
    assert answer.took_ms["reranked"] > answer.took_ms["hybrid"]


async def test_a_busy_vendor_is_waited_for(tmp_path: Path) -> None:
    async with searching(tmp_path) as pipeline:
        built = await build(pipeline, SCOPE, ENTRIES, lambda _: None)
        assert isinstance(pipeline.embeddings, Busy)
        pipeline.embeddings.refuses = 1
        subject = Subject(built.names, built.titles)
        [answer], told = await ask(pipeline, subject, [asked("herons", "trees")], lambda _: None)
    assert answer.measures["dense"]["mrr@10"] == 1
    assert told == {}


async def test_what_can_not_be_embedded_ends_the_evaluation(tmp_path: Path) -> None:
    class Broken(LocalEmbeddingProvider):
        async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
            del texts, group
            raise OperatorError("no key")

    async with searching(tmp_path) as pipeline:
        broken = SearchPipeline(pipeline.transaction, pipeline.index, Broken(), noted=False)
        with pytest.raises(OperatorError, match="no key"):
            await build(broken, SCOPE, ENTRIES, lambda _: None)


def test_a_question_that_is_a_document_is_not_its_own_answer() -> None:
    question = Question("a", "text of a", {"b": 1})
    assert answers_to(question, ["a", "c", "b", "c"]) == ["c", "b"]
    assert answers_to(Question("a", "text of a", {"a": 1}), ["a", "c"]) == ["a", "c"]
