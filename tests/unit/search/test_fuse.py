from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Candidate, DocumentId
from bot.search.fuse import fuse


def candidate(document: str, ordinal: int, score: float, text: str | None = None) -> Candidate:
    text = f"text of {document} {ordinal}" if text is None else text
    return Candidate(DocumentId(document), 1, ordinal, 1, text, score)


def order(candidates: list[Candidate]) -> list[str]:
    return [found.chunk_id for found in candidates]


def test_the_best_by_words_and_by_meaning_comes_first() -> None:
    keyword = [candidate("a", 0, 9.0), candidate("b", 0, 6.0), candidate("c", 0, 1.0)]
    dense = [candidate("a", 0, 0.9), candidate("c", 0, 0.8), candidate("b", 0, 0.1)]

    fused = fuse(keyword, dense)

    assert order(fused) == ["a:1:0", "b:1:0", "c:1:0"]
    assert [found.score for found in fused] == pytest.approx([1.0, 0.65 * 5 / 8, 0.35 * 7 / 8])


def test_words_weigh_more_than_meaning() -> None:
    keyword = [candidate("a", 0, 5.0), candidate("x", 0, 1.0)]
    dense = [candidate("b", 0, 0.9), candidate("x", 0, 0.1)]

    assert order(fuse(keyword, dense))[:2] == ["a:1:0", "b:1:0"]


def test_a_document_stands_where_its_best_words_and_its_best_meaning_put_it() -> None:
    keyword = [candidate("a", 0, 10.0), candidate("b", 0, 9.0), candidate("c", 0, 0.0)]
    dense = [candidate("b", 5, 0.9), candidate("c", 0, 0.0)]

    fused = fuse(keyword, dense)

    assert fused[0].chunk_id == "b:1:0"
    assert fused[0].score == pytest.approx(0.65 * 0.9 + 0.35)


def test_a_document_has_at_most_two_passages() -> None:
    keyword = [candidate("a", ordinal, 10.0 - ordinal) for ordinal in range(5)] + [candidate("b", 0, 0.0)]

    assert order(fuse(keyword, [])) == ["a:1:0", "a:1:1", "b:1:0"]


def test_the_same_text_is_shown_once() -> None:
    keyword = [
        candidate("a", 0, 3.0, "same  text"),
        candidate("b", 0, 2.0, "same\ntext"),
        candidate("c", 0, 1.0),
    ]

    assert order(fuse(keyword, [])) == ["a:1:0", "c:1:0"]


def test_a_copy_gives_its_place_to_the_next_passage_of_its_document() -> None:
    keyword = [
        candidate("a", 0, 9.0, "same"),
        candidate("b", 0, 8.0, "same"),
        candidate("b", 1, 7.0),
        candidate("b", 2, 6.0),
        candidate("z", 0, 1.0),
    ]

    assert order(fuse(keyword, [])) == ["a:1:0", "b:1:1", "b:1:2", "z:1:0"]


def test_meaning_alone_still_ranks() -> None:
    dense = [candidate("a", 0, 0.9), candidate("b", 0, 0.5)]

    assert order(fuse([], dense)) == ["a:1:0", "b:1:0"]


def test_nothing_gives_nothing() -> None:
    assert fuse([], []) == []


def test_a_single_candidate_is_the_best_there_is() -> None:
    assert fuse([candidate("a", 0, 0.0001)], [])[0].score == pytest.approx(0.65)


lists = st.lists(
    st.builds(
        candidate,
        st.sampled_from("abcd"),
        st.integers(0, 4),
        st.floats(-1e6, 1e6),
        st.sampled_from([None, "same"]),
    ),
    unique_by=lambda c: c.chunk_id,
    max_size=15,
)


@given(keyword=lists, dense=lists, seed=st.randoms(use_true_random=False))
def test_the_ranking_is_bounded_and_does_not_depend_on_the_order_of_its_input(
    keyword: list[Candidate], dense: list[Candidate], seed: random.Random
) -> None:
    fused = fuse(keyword, dense)
    scores = [found.score for found in fused]

    assert all(0.0 <= score <= 1.0 + 1e-9 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert all(order(fused).count(chunk_id) == 1 for chunk_id in order(fused))
    assert len({" ".join(found.text.split()) for found in fused}) == len(fused)
    assert all(sum(c.document_id == found.document_id for c in fused) <= 2 for found in fused)
    assert {found.document_id for found in fused} <= {c.document_id for c in (*keyword, *dense)}
    seed.shuffle(keyword)
    seed.shuffle(dense)
    assert order(fuse(keyword, dense)) == order(fused)
