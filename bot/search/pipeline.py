"""The read path, top to bottom: scope, retrieve, check access once more, fuse, rerank, cut snippets."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.documents.repository import Transaction
from bot.domain import Candidate, DocumentId, Passage, Query, Readable, Scope, SearchResult
from bot.errors import FaultMavenError
from bot.ports import EmbeddingProvider, VectorIndex
from bot.search.access import Access
from bot.search.fuse import RANKED, fuse, relevant
from bot.search.rerank import Reranked, Reranker, rerank
from bot.search.retrieve import Retrieved, retrieve
from bot.search.snippet import snippet
from bot.search.status import StatusReport, status

log = structlog.get_logger(__name__)

DEFAULT_LIMIT = 5
MAX_LIMIT = 20


def _unobserved(_elapsed_ms: float, _results: int) -> None:
    """The default observer: nobody counts."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each stage made of a query: by words, by meaning, both, and as people get it; best first each."""

    keyword: list[Candidate]
    dense: list[Candidate]
    hybrid: list[Candidate]
    best: list[Candidate]
    readable: dict[DocumentId, Readable]
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

    async def search(
        self, access: Access, query: Query, *, asker: str, surface: str, limit: int = DEFAULT_LIMIT
    ) -> SearchResult:
        """The best passages that this access covers, at most `limit`, two a document. Repeatable.

        Raises RetryLater when the index can't be searched now.
        """
        started = time.perf_counter()
        ranking = await self.rank(access.scope, query)
        passages = tuple(
            _passage(candidate, ranking.readable[candidate.document_id], query)
            for candidate in ranking.best[: min(limit, MAX_LIMIT)]
        )
        elapsed_ms = (time.perf_counter() - started) * 1000
        notes = (access.note, *ranking.notes) if access.note else ranking.notes
        result = SearchResult(query, passages, len(access.scope.channels), elapsed_ms, notes)
        await self._log(access.scope, result, asker, surface)
        return result

    async def rank(self, scope: Scope, query: Query, limit: int = RANKED) -> Ranking:
        """Retrieve, check access once more, fuse, rerank: at most `limit` chunks. Notes nothing down.

        Raises RetryLater when the index can't be searched now.
        """
        retrieved = await retrieve(self.index, self.embeddings, scope, query)
        readable = await self._readable(scope, retrieved)
        keyword = [candidate for candidate in retrieved.keyword if candidate.document_id in readable]
        dense = [candidate for candidate in retrieved.dense if candidate.document_id in readable]
        fused = fuse(keyword, dense, limit=limit)
        hybrid = relevant(fused, keyword, dense, self.embeddings.space.floor)
        best = Reranked(hybrid)
        if self.reranker is not None:
            titles = {document_id: document.title for document_id, document in readable.items()}
            best = await rerank(self.reranker, query, hybrid, titles)
        notes = tuple(note for note in (retrieved.note, best.note) if note)
        return Ranking(keyword, dense, hybrid, best.candidates, readable, notes)

    async def status(self, scope: Scope, limit: int) -> StatusReport:
        """Counts and latest documents within a scope."""
        return await status(self.transaction, scope, limit)

    async def _readable(self, scope: Scope, retrieved: Retrieved) -> dict[DocumentId, Readable]:
        """What SQL lets through now; before fusing, so that what is hidden displaces nothing."""
        ids = {candidate.document_id for candidate in (*retrieved.keyword, *retrieved.dense)}
        async with self.transaction() as tx:
            return await tx.documents.readable(scope, ids)

    async def _log(self, scope: Scope, result: SearchResult, asker: str, surface: str) -> None:
        self.observe(result.elapsed_ms, len(result.passages))
        if not self.noted:
            return
        try:
            async with self.transaction() as tx:
                await tx.searches.add(
                    id=uuid.uuid4().hex,
                    workspace=scope.workspace,
                    asker=asker,
                    query=result.query.text,
                    surface=surface,
                    results=len(result.passages),
                    elapsed_ms=result.elapsed_ms,
                    now=self.clock(),
                )
        except FaultMavenError as error:  # a full disk is no reason to withhold an answer
            log.warning("search_not_noted", cause=type(error).__name__)


def _passage(candidate: Candidate, document: Readable, query: Query) -> Passage:
    text, highlights = snippet(candidate.text, query)
    return Passage(
        document_id=candidate.document_id,
        title=document.title,
        page=candidate.page,
        text=text,
        highlights=highlights,
        score=candidate.score,
        message=document.message,
        permalink=document.permalink,
        label=candidate.label,
    )
