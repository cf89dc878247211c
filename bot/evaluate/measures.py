"""How good a ranking of documents is, as trec_eval defines it (m_ndcg_cut.c, m_recall.c, m_recip_rank.c).

nDCG@k = DCG@k / DCG@k of the best possible order, with DCG@k = sum over ranks r of grade(r) / log2(r + 1);
the gain is the grade itself, not 2^grade - 1, and a grade below 0 counts as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

CUT, DEPTH = 10, 100
NDCG, RECALL, DEEP_RECALL, MRR = (f"ndcg@{CUT}", f"recall@{CUT}", f"recall@{DEPTH}", f"mrr@{CUT}")
MEASURES = (NDCG, RECALL, DEEP_RECALL, MRR)

Grades = Mapping[str, int]
"""Of documents by id; relevant from 1 on. A document without a grade has 0."""


def judge(ranked: Sequence[str], grades: Grades) -> dict[str, float]:
    """The measures of one ranking, best first, each document once. Some grade has to be above 0."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    best = _gained(sorted(grades.values(), reverse=True))
    first = next((rank for rank, name in enumerate(ranked[:CUT], start=1) if name in relevant), None)
    return {
        NDCG: _gained(grades.get(name, 0) for name in ranked[:CUT]) / best,
        RECALL: len(relevant.intersection(ranked[:CUT])) / len(relevant),
        DEEP_RECALL: len(relevant.intersection(ranked[:DEPTH])) / len(relevant),
        MRR: 1 / first if first else 0.0,
    }


def mean(judged: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each measure over all questions; every question counts the same."""
    return {measure: fmean(one[measure] for one in judged) for measure in MEASURES}


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that `share` of them don't exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * share) - 1, 0)]


def _gained(grades: Iterable[int]) -> float:
    """DCG of the first ten."""
    return sum(
        max(grade, 0) / math.log2(rank + 1) for rank, grade in zip(range(1, CUT + 1), grades, strict=False)
    )
