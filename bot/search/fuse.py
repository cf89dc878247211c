"""Fuse: candidates by words and by meaning → one ranking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bot.domain import Candidate

DENSE_WEIGHT = 0.3
"""Of the convex combination; the best over seven public collections, where reciprocal rank fusion
lost on six: ranks forget how much better the best is."""
PASSAGES_PER_DOCUMENT = 2
RANKED = 200
"""The most that come out: far more than anybody is shown, enough to measure recall at 100."""


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
    by_words, by_meaning = _stretched(keyword), _stretched(dense)

    def combined(words: float, meaning: float) -> float:
        return (1 - dense_weight) * words + dense_weight * meaning

    chunks: dict[str, dict[str, Candidate]] = defaultdict(dict)
    for candidate in (*keyword, *dense):
        own = combined(by_words.get(candidate.chunk_id, 0.0), by_meaning.get(candidate.chunk_id, 0.0))
        chunks[candidate.document_id][candidate.chunk_id] = replace(candidate, score=own)
    ranked = []
    for of_document in chunks.values():
        first, *others = sorted(of_document.values(), key=_order)
        score = combined(_best(by_words, of_document), _best(by_meaning, of_document))
        ranked += [replace(first, score=score), *others]
    return list(islice(_varied(sorted(ranked, key=_order), per_document), limit))


def _order(candidate: Candidate) -> tuple[float, str, int, int]:
    return -candidate.score, candidate.document_id, candidate.generation, candidate.ordinal


def _best(scores: Mapping[str, float], chunk_ids: Mapping[str, Candidate]) -> float:
    return max(scores.get(chunk_id, 0.0) for chunk_id in chunk_ids)


def _stretched(candidates: Sequence[Candidate]) -> dict[str, float]:
    """Min-max: the best gets 1, the last 0; alone or all equal, they are all best."""
    if not candidates:
        return {}
    scores = [candidate.score for candidate in candidates]
    low, span = min(scores), max(scores) - min(scores)
    return {c.chunk_id: (c.score - low) / span if span > 0 else 1.0 for c in candidates}


def _varied(ranked: Sequence[Candidate], per_document: int) -> Iterator[Candidate]:
    shown: dict[str, int] = defaultdict(int)
    texts: set[str] = set()
    for candidate in ranked:
        if shown[candidate.document_id] >= per_document:
            continue
        text = " ".join(candidate.text.split())
        if text not in texts:
            texts.add(text)
            shown[candidate.document_id] += 1
            yield candidate
