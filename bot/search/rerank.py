"""Rerank: the best fused candidates, read once more together with the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from bot.domain import Candidate, DocumentId, Query
from bot.errors import OperatorError, RetryLater

log = structlog.get_logger(__name__)

RERANKED = 50
"""Candidates that are read again; what stands lower after fusing is hardly ever the answer."""
UNRANKED = "The results may be in a poorer order than usual; ranking them is not available right now."


class Reranker(Protocol):
    """Judges texts by how well they answer a question."""

    async def rerank(self, query: str, texts: Sequence[str], top_n: int) -> list[tuple[int, float]]:
        """The best `top_n` texts as (position in `texts`, relevance in 0..1), best first. Repeatable.

        Raises RetryLater or OperatorError when it can't, and soon: somebody waits.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reranked:
    """Candidates in their final order, best first; `note` tells people when they are as fusing left them."""

    candidates: list[Candidate]
    note: str | None = None


async def rerank(
    reranker: Reranker,
    query: Query,
    candidates: Sequence[Candidate],
    titles: Mapping[DocumentId, str],
    top: int = RERANKED,
) -> Reranked:
    """The first `top` fused candidates by relevance, the others after them. Never raises for a vendor.

    What is judged is the document's title and the section's heading with the text, since a passage
    often doesn't say what it is about.
    """
    head, tail = candidates[:top], candidates[top:]
    if not head:
        return Reranked([])
    texts = [_judged(candidate, titles.get(candidate.document_id, "")) for candidate in head]
    try:
        ranked = await reranker.rerank(query.text, texts, len(texts))
    except (RetryLater, OperatorError) as error:
        log.warning("rerank_failed", cause=type(error).__name__)
        return Reranked(list(candidates), UNRANKED)
    best = [replace(head[place], score=score) for place, score in ranked]
    named = {place for place, _ in ranked}
    others = [candidate for place, candidate in enumerate(head) if place not in named]
    lowest = min((candidate.score for candidate in best), default=1.0)
    return Reranked(best + [replace(one, score=min(one.score, lowest)) for one in (*others, *tail)])


def _judged(candidate: Candidate, title: str) -> str:
    return "\n".join(part for part in (title, candidate.heading, candidate.text) if part)
