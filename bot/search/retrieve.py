"""Retrieve: by words and by meaning at once, within a scope → two lists of candidates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.domain import Candidate, Query, Scope
from bot.errors import FaultMavenError
from bot.ports import EmbeddingProvider, VectorIndex
from bot.search.words import exact_patterns

log = structlog.get_logger(__name__)

CANDIDATES = 200
"""Of each list. Fewer lose documents whose words and meaning are in different chunks; each costs its text."""
NOT_YET = "I searched by words only; by meaning I can again when all files are prepared for the new model."
WORDS_ONLY = "I searched by words only; searching by meaning is not available right now."


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates by words and by meaning, each best first with its own scores; `note` for people."""

    keyword: list[Candidate]
    dense: list[Candidate]
    note: str | None = None


async def retrieve(
    index: VectorIndex,
    embeddings: EmbeddingProvider | None,
    scope: Scope,
    query: Query,
    limit: int = CANDIDATES,
) -> Retrieved:
    """The candidates for a query. Without embeddings it goes on by words alone, and says so.

    `embeddings` are of the space that the workspace is searched in; None where they can't be made any
    more, while its files are embedded anew. Raises what the keyword search raises. Repeatable.
    """
    if not scope.channels:
        return Retrieved([], [])
    if embeddings is None:
        return Retrieved(await index.keyword(scope, query, limit), [], NOT_YET)
    by_meaning = asyncio.create_task(_by_meaning(index, embeddings, scope, query, limit))
    try:
        by_words = await index.keyword(scope, query, limit)
        dense = await by_meaning
    finally:
        by_meaning.cancel()
    if dense is None:
        return Retrieved(by_words, [], WORDS_ONLY)
    return Retrieved(by_words, _with_phrases(dense, query))


async def _by_meaning(
    index: VectorIndex, embeddings: EmbeddingProvider, scope: Scope, query: Query, limit: int
) -> list[Candidate] | None:
    try:
        vector = await embeddings.embed_query(query.text or " ".join(query.phrases))
        return await index.dense(scope, vector, limit, embeddings.space)
    except FaultMavenError as error:
        log.warning("dense_search_failed", workspace=scope.workspace, cause=type(error).__name__)
        return None


def _with_phrases(candidates: Sequence[Candidate], query: Query) -> list[Candidate]:
    patterns = exact_patterns(query)
    return [one for one in candidates if all(pattern.search(one.text) for pattern in patterns)]
