"""Fuse: candidates by words and by meaning → one ranking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from bot.domain import Candidate

DENSE_WEIGHT = 0.35
"""Of the convex combination, where nobody says otherwise. Reciprocal rank fusion was worse on six of seven
public collections: ranks forget how much better the best is."""
PASSAGES_PER_DOCUMENT = 2
RANKED = 100
"""The most that come out: a reranker reads fifty, a person twenty."""


def fuse(
    keyword: Sequence[Candidate],
    dense: Sequence[Candidate],
    dense_weight: float = DENSE_WEIGHT,
    per_document: int = PASSAGES_PER_DOCUMENT,
    limit: int = RANKED,
) -> list[Candidate]:
    """At most `limit` candidates best first, with scores in 0..1 that compare within this answer only.

    Each list's scores are stretched over 0..1; a candidate missing from a list has 0 there. A
    document stands where its best words and its best meaning put it, be they in different chunks
    (nDCG@10 +0.01 over judging each chunk alone); inside it the chunks stand by their own two
    scores. Ties go by chunk id. A text that was seen already is dropped, wherever it is from.
    """
    candidates = {c.chunk_id: c for c in (*keyword, *dense)}
    by_words, by_meaning = _stretched(keyword), _stretched(dense)
    documents: dict[str, list[_Scored]] = defaultdict(list)
    for chunk_id, candidate in candidates.items():
        scored = _Scored(candidate, by_words.get(chunk_id, 0.0), by_meaning.get(chunk_id, 0.0))
        documents[candidate.document_id].append(scored)
    ranked: list[tuple[float, Candidate]] = []
    for chunks in documents.values():
        first, *others = sorted(chunks, key=lambda c: _order((c.combined(dense_weight), c.candidate)))
        best = _Scored(first.candidate, max(c.words for c in chunks), max(c.meaning for c in chunks))
        ranked += [(c.combined(dense_weight), c.candidate) for c in (best, *others)]
    ranked.sort(key=_order)
    return [replace(c, score=score) for score, c in islice(_varied(ranked, per_document), limit)]


class _Scored(NamedTuple):
    candidate: Candidate
    words: float
    meaning: float

    def combined(self, dense_weight: float) -> float:
        return (1 - dense_weight) * self.words + dense_weight * self.meaning


def _order(ranked: tuple[float, Candidate]) -> tuple[float, str, int, int]:
    score, candidate = ranked
    return -score, candidate.document_id, candidate.generation, candidate.ordinal


def _stretched(candidates: Sequence[Candidate]) -> dict[str, float]:
    """Min-max: the best gets 1, the last 0; alone or all equal, they are all best."""
    if not candidates:
        return {}
    scores = [candidate.score for candidate in candidates]
    low, span = min(scores), max(scores) - min(scores)
    return {c.chunk_id: (c.score - low) / span if span > 0 else 1.0 for c in candidates}


def _varied(
    ranked: Iterable[tuple[float, Candidate]], per_document: int
) -> Iterator[tuple[float, Candidate]]:
    shown: dict[str, int] = defaultdict(int)
    texts: set[str] = set()
    for score, candidate in ranked:
        if shown[candidate.document_id] >= per_document:
            continue
        text = " ".join(candidate.text.split())
        if text not in texts:
            texts.add(text)
            shown[candidate.document_id] += 1
            yield score, candidate
