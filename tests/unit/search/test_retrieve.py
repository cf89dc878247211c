from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from contracts.vector_index import C1, C2, chunks_of, document, ids, scope, vectors

from bot.domain import EmbeddingSpace, Query
from bot.errors import OperatorError, ProviderUnavailable, RateLimited
from bot.ports import Vectors
from bot.providers.local.index import LocalIndex
from bot.search.retrieve import WORDS_ONLY, retrieve

SPACE = EmbeddingSpace("test", 16)
TEXTS = ("disk is full", "full of disk", "lunch is served")


class Embeddings:
    """Each text's vector is the one of its place in TEXTS; `failure` is raised instead of the next one."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[str] = []

    @property
    def space(self) -> EmbeddingSpace:
        return SPACE

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return vectors(len(texts), SPACE.dimension, seed=1)

    async def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        if self.failure:
            raise self.failure
        return vectors(len(TEXTS), SPACE.dimension, seed=1)[2]


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[LocalIndex]:
    async with LocalIndex(tmp_path / "fm.db", SPACE) as index:
        await index.write(document(), chunks_of(*TEXTS), vectors(len(TEXTS), SPACE.dimension, seed=1))
        await index.publish(document())
        yield index


async def test_words_and_meaning_each_propose_candidates(index: LocalIndex) -> None:
    found = await retrieve(index, Embeddings(), scope(C1), Query("disk"))

    assert sorted(ids(found.keyword)) == ["d1:1:0", "d1:1:1"]
    assert ids(found.dense)[0] == "d1:1:2"
    assert found.note is None


@pytest.mark.parametrize(
    "failure", [ProviderUnavailable("down"), RateLimited("slow down", 30), OperatorError("no key")]
)
async def test_without_embeddings_words_answer_alone_and_it_is_said(
    index: LocalIndex, failure: Exception
) -> None:
    found = await retrieve(index, Embeddings(failure), scope(C1), Query("disk"))

    assert sorted(ids(found.keyword)) == ["d1:1:0", "d1:1:1"]
    assert found.dense == []
    assert found.note == WORDS_ONLY


async def test_a_bug_in_the_embeddings_is_not_hidden(index: LocalIndex) -> None:
    with pytest.raises(KeyError):
        await retrieve(index, Embeddings(KeyError("bug")), scope(C1), Query("disk"))


async def test_a_phrase_must_be_in_what_meaning_proposes_too(index: LocalIndex) -> None:
    found = await retrieve(index, Embeddings(), scope(C1), Query("disk is full", ("Disk IS full",)))

    assert ids(found.keyword) == ids(found.dense) == ["d1:1:0"]


async def test_a_phrase_that_stands_only_in_the_unseen_heading_is_not_held(index: LocalIndex) -> None:
    found = await retrieve(index, Embeddings(), scope(C1), Query("section 1", ("section 1",)))

    assert found.keyword == found.dense == []


async def test_a_query_that_is_only_a_phrase_is_embedded_as_its_words(index: LocalIndex) -> None:
    embeddings = Embeddings()

    await retrieve(index, embeddings, scope(C1), Query("", ("disk is", "full")))

    assert embeddings.asked == ["disk is full"]


async def test_an_empty_scope_asks_nobody(index: LocalIndex) -> None:
    embeddings = Embeddings()

    found = await retrieve(index, embeddings, scope(), Query("disk"))

    assert (found.keyword, found.dense, embeddings.asked) == ([], [], [])


async def test_another_channel_gives_no_candidates(index: LocalIndex) -> None:
    found = await retrieve(index, Embeddings(), scope(C2), Query("disk"))

    assert (found.keyword, found.dense) == ([], [])


async def test_when_words_fail_nothing_keeps_running(tmp_path: Path) -> None:
    before = asyncio.all_tasks()

    with pytest.raises(ProviderUnavailable):
        await retrieve(LocalIndex(tmp_path / "fm.db", SPACE), Embeddings(), scope(C1), Query("disk"))
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == before
