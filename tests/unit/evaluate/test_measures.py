from __future__ import annotations

import importlib
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluate.measures import DEEP_RECALL, MRR, NDCG, RECALL, judge, mean, percentile


def test_measures_of_a_ranking_are_what_a_hand_computes() -> None:
    ranked = ["x", "a", "y", "b"]
    grades = {"a": 2, "b": 1, "c": 1, "x": 0}
    gained = 2 / math.log2(3) + 1 / math.log2(5)
    best = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert judge(ranked, grades) == {
        NDCG: pytest.approx(gained / best),
        RECALL: pytest.approx(2 / 3),
        DEEP_RECALL: pytest.approx(2 / 3),
        MRR: 0.5,
    }
    assert gained / best == pytest.approx(0.5406, abs=1e-4)


def test_a_perfect_order_of_more_than_ten_relevant_documents_has_full_ndcg() -> None:
    grades = {f"d{number}": 1 for number in range(20)}
    judged = judge(list(grades), grades)
    assert judged == {NDCG: 1.0, RECALL: 0.5, DEEP_RECALL: 1.0, MRR: 1.0}


def test_what_stands_below_ten_counts_for_deep_recall_alone() -> None:
    ranked = [f"x{number}" for number in range(10)] + ["a"]
    assert judge(ranked, {"a": 1}) == {NDCG: 0.0, RECALL: 0.0, DEEP_RECALL: 1.0, MRR: 0.0}


def test_what_stands_below_a_hundred_counts_for_nothing() -> None:
    ranked = [f"x{number}" for number in range(100)] + ["a"]
    assert set(judge(ranked, {"a": 1}).values()) == {0.0}


def test_a_grade_below_zero_gains_and_costs_nothing() -> None:
    assert judge(["bad", "a"], {"a": 1, "bad": -3}) == judge(["other", "a"], {"a": 1})


def test_nothing_found_is_zero_everywhere() -> None:
    assert set(judge([], {"a": 1}).values()) == {0.0}


def test_every_question_counts_the_same_in_a_mean() -> None:
    one, other = judge(["a"], {"a": 1}), judge([], {"a": 3, "b": 1})
    assert mean([one, other])[NDCG] == 0.5


def test_a_percentile_is_a_value_that_occurred() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([7.0], 0.99) == percentile([7.0], 0.0) == 7.0


@given(st.data())
def test_every_measure_lies_between_nothing_and_all(data: st.DataObject) -> None:
    names = [f"d{number}" for number in range(30)]
    grades = data.draw(st.dictionaries(st.sampled_from(names), st.integers(-1, 3), min_size=1)) | {"right": 1}
    ranked = data.draw(st.permutations([*names, "right"]))
    judged = judge(ranked, grades)
    assert all(0 <= value <= 1 + 1e-9 for value in judged.values())
    ideal = sorted(ranked, key=lambda name: -grades.get(name, 0))
    assert judge(ideal, grades)[NDCG] == pytest.approx(1)
    assert judged[NDCG] <= 1 + 1e-9


def test_trec_evals_own_program_agrees_where_it_is_installed() -> None:
    try:
        pytrec_eval: Any = importlib.import_module("pytrec_eval")
    except ImportError:
        pytest.skip("pytrec_eval is not installed")
    chance = random.Random(5)  # noqa: S311  # repeatable, nothing secret
    names = [f"d{number:03}" for number in range(300)]
    judged = {
        f"q{number}": {name: chance.choice([-1, 0, 0, 1, 2, 3]) for name in chance.sample(names, 60)}
        | {"r": 1}
        for number in range(40)
    }
    found = {question: chance.sample([*names, "r"], 150) for question in judged}
    runs = {
        question: {d: 1000.0 - place for place, d in enumerate(ranked)} for question, ranked in found.items()
    }
    theirs = pytrec_eval.RelevanceEvaluator(judged, {"ndcg_cut.10", "recall.10,100"}).evaluate(runs)
    for question, ranked in found.items():
        ours = judge(ranked, judged[question])
        assert ours[NDCG] == pytest.approx(theirs[question]["ndcg_cut_10"])
        assert ours[RECALL] == pytest.approx(theirs[question]["recall_10"])
        assert ours[DEEP_RECALL] == pytest.approx(theirs[question]["recall_100"])
