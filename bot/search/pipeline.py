"""The read path, top to bottom: scope, retrieve, check access once more, fuse, rerank, cut snippets."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from bot.documents.repository import Transaction
from bot.documents.searches import Shown
from bot.documents.spaces import Spaces
from bot.domain import (
    ANYTHING,
    Candidate,
    ChannelId,
    Conditions,
    DocumentId,
    Query,
    Readable,
    Scope,
    SearchResult,
    Wanted,
)
from bot.ports import EmbeddingProvider, VectorIndex
from bot.search.access import Access
from bot.search.fuse import RANKED, fuse
from bot.search.languages import is_foreign
from bot.search.narrow import Narrowed, narrow, wanted
from bot.search.nearest import nearest
from bot.search.note import Asked, note
from bot.search.people import MAX_SHARERS, known_in, unknown_in
from bot.search.relevant import is_answered, relevant
from bot.search.rerank import Reranked, Reranker, rerank
from bot.search.respell import Speller, respell
from bot.search.retrieve import Retrieved, retrieve
from bot.search.show import passage_of
from bot.search.status import StatusReport, status

DEFAULT_LIMIT = 5
MAX_LIMIT = 20
MAX_MATCHING = 10_000
"""Files that conditions leave: what Pinecone takes in one filter, and 3 ms of a search here."""
TOO_MANY = f"Over {MAX_MATCHING:,} files fulfil these conditions; I searched the newest {MAX_MATCHING:,}."
MAX_TITLES = 2_000
"""Titles that a question without an answer is compared with: 15 ms."""


def _unobserved(_elapsed_ms: float, _results: int) -> None:
    """The default observer: nobody counts."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each stage made of a query: by words, by meaning, both, and as people get it; best first each.

    `query` is the one that was searched for: misspelt words are replaced in it. Where it isn't `answered`,
    the best is only the nearest.
    """

    keyword: list[Candidate]
    dense: list[Candidate]
    hybrid: list[Candidate]
    best: list[Candidate]
    readable: dict[DocumentId, Readable]
    query: Query
    answered: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPipeline:
    """Everything the read path needs. `observe` is told (elapsed ms, results) of each search.

    Each search is noted in the database, unless `noted` is off: beside a running bot it can't be.
    """

    transaction: Transaction
    index: VectorIndex
    embeddings: EmbeddingProvider
    reranker: Reranker | None = None
    clock: Callable[[], float] = time.time
    observe: Callable[[float, int], None] = _unobserved
    noted: bool = True
    spaces: Spaces | None = None
    speller: Speller | None = None

    async def search(
        self,
        access: Access,
        query: Query,
        *,
        asker: str,
        surface: str,
        channel: ChannelId | None = None,
        limit: int = DEFAULT_LIMIT,
        seen: Sequence[Shown] = (),
    ) -> SearchResult:
        """The best passages that this access covers, at most `limit`, two a document. Repeatable.

        A query of conditions alone gives files, the last shared first. What was `seen` isn't shown again.
        Raises QueryRejected for a condition that can't be fulfilled, RetryLater when the index can't be
        searched now.
        """
        started = time.perf_counter()
        narrowed = await self.narrowed(access, query, asker)
        found = await (self._passages if query.text else self._files)(narrowed, seen, min(limit, MAX_LIMIT))
        if not (found.passages or found.documents or seen):
            found = replace(found, nearest=await self._nearest(access.scope, query))
        notes = tuple(note for note in (access.note, narrowed.note) if note)
        result = replace(
            found, elapsed_ms=(time.perf_counter() - started) * 1000, notes=(*notes, *found.notes)
        )
        self.observe(result.elapsed_ms, len(result.passages) + len(result.documents))
        nothing_further = seen and not (result.passages or result.documents)
        if not self.noted or nothing_further:
            return result
        asked = Asked(access.scope.workspace, asker, surface, channel, self.clock())
        return replace(result, id=await note(self.transaction, asked, result, seen))

    async def narrowed(self, access: Access, query: Query, asker: str) -> Narrowed:
        """A query with its conditions made part of the scope.

        Raises QueryRejected for an unknown channel or person, RetryLater when Slack says no names now.
        """
        conditions = await self._known(access, query.conditions)
        scope, conditions = narrow(access.scope, conditions, access.names, asker)
        query, files = replace(query, conditions=conditions), wanted(conditions, access.zone)
        if files == ANYTHING:
            return Narrowed(scope, query)
        async with self.transaction(reading=True) as tx:
            documents = await tx.documents.matching(scope, files, MAX_MATCHING + 1)
        note = TOO_MANY if len(documents) > MAX_MATCHING else None
        scope = replace(scope, documents=frozenset(documents[:MAX_MATCHING]))
        return Narrowed(scope, query, files, note)

    async def rank(
        self, scope: Scope, query: Query, limit: int = RANKED, wanted: Wanted = ANYTHING
    ) -> Ranking:
        """Retrieve, check access once more, fuse, rerank: at most `limit` chunks. Notes nothing down.

        The query's conditions are the scope's business: see `narrowed`. Raises RetryLater when the index
        can't be searched now.
        """
        embeddings = self.spaces.searched(scope.workspace) if self.spaces else self.embeddings
        respelled = await respell(self.speller, scope, query)
        query = respelled.query
        retrieved = await retrieve(self.index, embeddings, scope, query)
        readable = await self._readable(scope, retrieved, wanted)
        keyword, dense = _among(readable, retrieved.keyword), _among(readable, retrieved.dense)
        space = (embeddings or self.embeddings).space
        weight = space.foreign_weight if is_foreign(query.text) else space.weight
        fused = fuse(keyword, dense, weight, limit=limit)
        titles = {document_id: document.title for document_id, document in readable.items()}
        hybrid = relevant(fused, keyword, dense, space.floor)
        best = Reranked(hybrid)
        if self.reranker is not None:
            best = await rerank(self.reranker, query, hybrid, titles)
            readable = await self._readable(scope, retrieved, wanted)  # that took its time, elsewhere
        notes = (respelled.note(_among(readable, keyword)), retrieved.note, best.note)
        return Ranking(
            keyword=_among(readable, keyword),
            dense=_among(readable, dense),
            hybrid=_among(readable, hybrid),
            best=_among(readable, best.candidates),
            readable=readable,
            query=query,
            answered=is_answered(query, keyword, dense, titles, space.near),
            notes=tuple(note for note in notes if note),
        )

    async def status(self, scope: Scope, limit: int) -> StatusReport:
        """Counts and latest documents within a scope."""
        return await status(self.transaction, scope, limit)

    async def _known(self, access: Access, conditions: Conditions) -> Conditions:
        """The conditions with ids for the names of people."""
        if not (access.scope.channels and unknown_in(conditions)):
            return conditions
        async with self.transaction(reading=True) as tx:
            sharers = await tx.documents.sharers(access.scope, MAX_SHARERS)
        return known_in(conditions, await access.called(sharers) if access.called else {})

    async def _passages(self, narrowed: Narrowed, seen: Sequence[Shown], limit: int) -> SearchResult:
        ranking = await self.rank(narrowed.scope, narrowed.query, wanted=narrowed.wanted)
        known = {(one.document, one.generation, one.ordinal) for one in seen}
        best = ranking.best if ranking.answered else []
        fresh = [one for one in best if (one.document_id, one.generation, one.ordinal) not in known]
        passages = tuple(
            passage_of(candidate, ranking.readable[candidate.document_id], ranking.query)
            for candidate in fresh[:limit]
        )
        return narrowed.result(
            passages=passages, notes=ranking.notes, first=len(seen) + 1, more=len(fresh) > limit
        )

    async def _files(self, narrowed: Narrowed, seen: Sequence[Shown], limit: int) -> SearchResult:
        """The files that fulfil the conditions, the last shared first."""
        known = {one.document for one in seen}
        async with self.transaction(reading=True) as tx:
            matching = await tx.documents.matching(narrowed.scope, narrowed.wanted, len(seen) + limit + 1)
            fresh = [document_id for document_id in matching if document_id not in known]
            readable = await tx.documents.readable(narrowed.scope, fresh[:limit], narrowed.wanted)
        documents = tuple(readable[document_id] for document_id in fresh[:limit] if document_id in readable)
        return narrowed.result(documents=documents, first=len(seen) + 1, more=len(fresh) > limit)

    async def _nearest(self, scope: Scope, query: Query) -> tuple[Readable, ...]:
        """What the asker may mean, wherever they may read it."""
        async with self.transaction(reading=True) as tx:
            found = nearest(query, await tx.documents.titles(scope, MAX_TITLES))
            readable = await tx.documents.readable(scope, found)
        return tuple(readable[document_id] for document_id in found if document_id in readable)

    async def _readable(
        self, scope: Scope, retrieved: Retrieved, wanted: Wanted
    ) -> dict[DocumentId, Readable]:
        """What SQL lets through now; before fusing, so that what is hidden displaces nothing."""
        ids = {candidate.document_id for candidate in (*retrieved.keyword, *retrieved.dense)}
        async with self.transaction(reading=True) as tx:
            return await tx.documents.readable(scope, ids, wanted)


def _among(readable: Container[DocumentId], candidates: Sequence[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.document_id in readable]
