from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import SettingError
from bot.evaluate.collection import Question
from bot.evaluate.figures import Answered, Evaluation, fallen, read_baseline, summary
from bot.evaluate.measures import judge


def answered(found: str, took_ms: float) -> Answered:
    answer = Answered(Question("q", "question", {"a": 1}))
    answer.add("keyword", judge([found], {"a": 1}), took_ms)
    return answer


def evaluation(ndcg: float) -> Evaluation:
    return Evaluation({"hybrid": {"ndcg@10": ndcg}, "reranked": None}, questions=1)


def test_figures_are_means_over_questions_and_percentiles_of_time() -> None:
    figures = summary([answered("a", 1.0), answered("b", 3.0)])
    assert figures["keyword"] == {
        "ndcg@10": 0.5, "recall@10": 0.5, "recall@100": 0.5, "mrr@10": 0.5, "p50_ms": 1.0, "p99_ms": 3.0,
    }  # fmt: skip
    assert figures["reranked"] is None


def test_json_keeps_every_method_and_says_null_where_one_is_missing() -> None:
    printed = json.loads(json.dumps(evaluation(0.51239).as_json()))
    assert printed["hybrid"] == {"ndcg@10": 0.5124}
    assert printed["reranked"] is None
    assert {"chunks", "index_cpu_s", "notes"} <= printed.keys()


def test_what_was_printed_is_a_baseline_that_the_same_figures_meet(tmp_path: Path) -> None:
    path = tmp_path / "before.json"
    path.write_text(json.dumps(evaluation(0.7).as_json()), encoding="utf-8")
    before = read_baseline(path)
    assert before == {"hybrid": 0.7}
    assert fallen(before, evaluation(0.7)) == fallen(before, evaluation(0.695)) == []
    assert fallen(before, evaluation(0.9)) == []


def test_a_figure_that_fell_by_more_than_a_hundredth_is_named() -> None:
    assert fallen({"hybrid": 0.7}, evaluation(0.68)) == ["ndcg@10 of hybrid fell from 0.700 to 0.680"]


def test_what_can_not_be_measured_any_more_counts_as_fallen() -> None:
    [line] = fallen({"reranked": 0.7}, evaluation(0.7))
    assert "reranked was 0.700" in line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"hybrid": {}}',
        '{"hybrid": {"ndcg@10": NaN}}',
        '{"hybrid": {"ndcg@10": "0.7"}}',
        '{"hybrid": 7}',
        "[" * 100_000,
    ],
)
def test_a_baseline_of_another_kind_is_wrong_use(tmp_path: Path, text: str) -> None:
    path = tmp_path / "before.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match="--baseline"):
        read_baseline(path)


def test_a_baseline_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--baseline"):
        read_baseline(tmp_path / "none.json")
