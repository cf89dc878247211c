from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Candidate, DocumentId, Query
from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited
from bot.search.rerank import RERANKED, rerank

QUERY = Query("why is the disk full")


class Judge:
    """A reranker that likes texts as it was told, or fails; `asked` is what it was shown."""

    def __init__(self, *scores: float, fails: FaultMavenError | None = None) -> None:
        self.scores = scores
        self.fails = fails
        self.asked: list[str] = []

    async def rerank(self, query: str, texts: Sequence[str], top_n: int) -> list[tuple[int, float]]:
        assert query == QUERY.text
        self.asked = list(texts)
        if self.fails:
            raise self.fails
        return sorted(enumerate(self.scores[:top_n]), key=lambda one: -one[1])


def candidate(number: int, score: float = 0.5) -> Candidate:
    return Candidate(DocumentId(f"d{number}"), 1, 0, 1, f"text {number}", score, None, "Storage")


async def test_the_most_relevant_candidate_comes_first_with_its_relevance() -> None:
    found = await rerank(Judge(0.1, 0.9, 0.4), QUERY, [candidate(n) for n in range(3)], {})

    assert [(c.document_id, c.score) for c in found.candidates] == [("d1", 0.9), ("d2", 0.4), ("d0", 0.1)]
    assert found.note is None


async def test_a_passage_is_judged_with_its_title_and_heading() -> None:
    judge = Judge(1.0)

    await rerank(judge, QUERY, [candidate(0)], {DocumentId("d0"): "Runbook"})

    assert judge.asked == ["Runbook\nStorage\ntext 0"]


async def test_only_the_head_is_judged_and_the_rest_follows_it() -> None:
    judge = Judge(*(0.2 for _ in range(RERANKED)))
    many = [candidate(n, score=1 - n / 100) for n in range(RERANKED + 10)]

    found = await rerank(judge, QUERY, many, {})

    assert len(judge.asked) == RERANKED
    assert [c.document_id for c in found.candidates[RERANKED:]] == [f"d{n}" for n in range(50, 60)]
    assert max(c.score for c in found.candidates[RERANKED:]) <= 0.2


@pytest.mark.parametrize(
    "error", [ProviderUnavailable("down"), RateLimited("slower", 60), OperatorError("no key")]
)
async def test_without_a_ranking_the_results_stay_as_they_were_and_say_so(error: FaultMavenError) -> None:
    fused = [candidate(n) for n in range(3)]

    found = await rerank(Judge(fails=error), QUERY, fused, {})

    assert found.candidates == fused
    assert found.note is not None
    assert "ranking" in found.note


async def test_nothing_found_is_nothing_to_judge() -> None:
    judge = Judge(fails=ProviderUnavailable("never asked"))

    assert (await rerank(judge, QUERY, [], {})).candidates == []
    assert judge.asked == []


@given(scores=st.lists(st.floats(0, 1), max_size=60), named=st.integers(0, 60))
async def test_no_candidate_is_lost_or_doubled_whatever_the_ranking_names(
    scores: list[float], named: int
) -> None:
    fused = [candidate(n, score) for n, score in enumerate(sorted(scores, reverse=True))]

    found = await rerank(Judge(*scores[:named]), QUERY, fused, {})

    assert sorted(c.document_id for c in found.candidates) == sorted(c.document_id for c in fused)
    order = [c.score for c in found.candidates]
    assert order == sorted(order, reverse=True)
