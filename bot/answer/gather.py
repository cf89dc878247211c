"""Gather: a ranking → the evidence for an answer, or none when nothing found is about the question. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer.terms import Terms, weigh
from bot.domain import Candidate, Query, Readable
from bot.search.pipeline import Ranking
from bot.search.words import Term

EVIDENCE = 8
"""Passages that an answer may use."""
LOOKED_AT = 30
"""Of the ranking: an answer that stands lower is hardly ever found by reading on."""
NEAREST = 3
COVERED = 0.5
"""Of a question's telling words, so much must stand in one passage, its heading or its title."""
RELEVANT = 0.5
"""Or a reranker has to find one passage so relevant, of 1: it reads other words and other languages, too."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that may answer; `found` are the question's terms in it, its heading or its title."""

    candidate: Candidate
    document: Readable
    found: frozenset[Term]
    share: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence best first, empty when there is none; `nearest` are the documents to look at then."""

    terms: Terms
    evidence: tuple[Evidence, ...]
    nearest: tuple[Readable, ...]


def gather(question: str, query: Query, ranking: Ranking, *, reranked: bool) -> Gathered:
    """What of a ranking is about the question. `evidence` keeps the ranking's order."""
    terms = weigh(query, ranking.keyword, question)
    looked_at = [_evidence(terms, one, ranking) for one in ranking.best[:LOOKED_AT]]
    nearest = _nearest(looked_at)
    in_words = any(one.share >= COVERED for one in looked_at)
    if not in_words and not (reranked and any(one.candidate.score >= RELEVANT for one in looked_at)):
        return Gathered(terms, (), nearest)
    return Gathered(terms, tuple(looked_at[:EVIDENCE]), nearest)


def _evidence(terms: Terms, candidate: Candidate, ranking: Ranking) -> Evidence:
    document = ranking.readable[candidate.document_id]
    found = terms.found_in(f"{document.title}\n{candidate.heading}\n{candidate.text}")
    return Evidence(candidate, document, found, terms.share(found))


def _nearest(evidence: Sequence[Evidence]) -> tuple[Readable, ...]:
    documents = {one.document.document_id: one.document for one in evidence}
    return tuple(documents.values())[:NEAREST]
