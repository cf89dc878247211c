"""Indexing and searching with both vendors, and what is left when one of them is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from support.cohere_server import CohereServer
from support.pinecone_server import PineconeServer
from support.vendor_server import CUT, Fault, limited

from bot.domain import ChannelId, Chunk, DocumentId, IndexedDocument, Query, Scope, WorkspaceId
from bot.errors import ProviderUnavailable
from bot.ingest.embed import embed, embedded_text
from bot.ingest.index import index as index_stage
from bot.providers.cohere import CohereClient, CohereEmbeddingProvider, CohereReranker
from bot.providers.cohere.calls import Calls
from bot.providers.deadlines import Deadlines
from bot.providers.pinecone import PineconeAddress, PineconeSpaces
from bot.search.fuse import fuse
from bot.search.rerank import Reranked, rerank
from bot.search.retrieve import WORDS_ONLY, retrieve

HURRY = Deadlines(backoff_s=0.005)
SCOPE = Scope(WorkspaceId("T1"), frozenset({ChannelId("C1")}))
QUERY = Query("why is the disk full")
TEXTS = ("lunch is served at noon", "the disk is full because logs are kept", "a disk", "the queue is empty")
BUSY = Fault(503, "busy", {"Retry-After": "0"})


@dataclass
class World:
    cohere: CohereServer
    pinecone: PineconeServer
    embeddings: CohereEmbeddingProvider
    reranker: CohereReranker
    index: PineconeSpaces

    async def add(self, name: str = "d1", generation: int = 1, texts: tuple[str, ...] = TEXTS) -> None:
        document = IndexedDocument(SCOPE.workspace, DocumentId(name), generation, "Notes", SCOPE.channels)
        chunks = [Chunk(n, 1, 0, len(text), text) for n, text in enumerate(texts)]

        async def unseen(_done: int, _total: int) -> None:
            """Nobody watches."""

        vectors = await embed(self.embeddings, [embedded_text(document.title, one) for one in chunks], unseen)
        await index_stage(self.index, document, chunks, vectors, unseen)

    async def search(self) -> tuple[Reranked, str | None]:
        retrieved = await retrieve(self.index, self.embeddings, SCOPE, QUERY)
        ranked = fuse(retrieved.keyword, retrieved.dense, per_document=10)
        return await rerank(self.reranker, QUERY, ranked, {}), retrieved.note


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with CohereServer() as cohere, PineconeServer(lag=2) as pinecone:
        client = CohereClient(cohere.key, cohere.url)
        embeddings = CohereEmbeddingProvider(client, dimension=256, calls=Calls(HURRY))
        reranker = CohereReranker(client, calls=Calls(HURRY))
        address = PineconeAddress(pinecone.key, controller_host=pinecone.url)
        async with client, PineconeSpaces(address, embeddings.space, first_wait_s=0.001) as index:
            yield World(cohere, pinecone, embeddings, reranker, index)


async def test_what_is_indexed_is_found_best_first(world: World) -> None:
    await world.add()

    found, note = await world.search()

    assert found.candidates[0].text == TEXTS[1]
    assert (found.note, note) == (None, None)


async def test_without_embeddings_a_search_goes_on_by_words_and_says_so(world: World) -> None:
    await world.add()
    world.cohere.fault("/v2/embed", *[Fault(503)] * 10)

    found, note = await world.search()

    assert found.candidates[0].text == TEXTS[1]
    assert note == WORDS_ONLY


async def test_without_reranking_the_results_come_as_they_were_fused_and_say_so(world: World) -> None:
    await world.add()
    world.cohere.fault("/v2/rerank", limited(60))

    found, note = await world.search()

    assert TEXTS[1] in {candidate.text for candidate in found.candidates}
    assert found.note is not None
    assert note is None


async def test_with_all_of_cohere_away_there_are_still_results(world: World) -> None:
    await world.add()
    for path in ("/v2/embed", "/v2/rerank"):
        world.cohere.fault(path, *[CUT] * 10)

    found, note = await world.search()

    assert found.candidates[0].text == TEXTS[1]
    assert found.note
    assert note


async def test_without_the_index_a_search_says_that_it_can_t_be_done_now(world: World) -> None:
    await world.add()
    world.pinecone.fault("/documents/search", *[BUSY] * 8)

    with pytest.raises(ProviderUnavailable):
        await world.search()


@pytest.mark.parametrize(
    ("vendor", "path"),
    [
        ("cohere", "/v2/embed"),
        ("pinecone", "/documents/upsert"),
        ("pinecone", "/documents/update"),
        ("pinecone", "/documents/search"),
        ("pinecone", "/documents/delete"),
    ],
)
async def test_indexing_that_failed_anywhere_is_made_good_by_another_attempt(
    world: World, vendor: str, path: str
) -> None:
    await world.add(texts=("an old disk",))
    server = world.cohere if vendor == "cohere" else world.pinecone
    server.fault(path, *[BUSY] * (8 if path == "/documents/search" else 4))  # two are under way at once
    with pytest.raises(ProviderUnavailable):
        await world.add(generation=2)
    if vendor == "cohere":
        assert [one.text for one in (await world.search())[0].candidates] == ["an old disk"]

    await world.add(generation=2)

    found, _ = await world.search()
    assert found.candidates[0].text == TEXTS[1]
    assert set(world.pinecone.records("faultmaven", "T1")) == {f"d1:2:{n}" for n in range(len(TEXTS))}
