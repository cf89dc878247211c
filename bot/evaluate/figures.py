"""Figures: what an evaluation says, as a value, as JSON, and beside an earlier one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain import DocumentId
from bot.errors import SettingError
from bot.evaluate.collection import Question
from bot.evaluate.measures import NDCG, mean, percentile

KEYWORD, DENSE, HYBRID, RERANKED = METHODS = ("keyword", "dense", "hybrid", "reranked")
P50, P99 = "p50_ms", "p99_ms"
TOLERANCE = 0.01
"""Of nDCG@10, as far as a figure may fall below an earlier one: what one answer in a hundred makes."""
BASELINE_BYTES = 1024 * 1024


@dataclass(slots=True)
class Answered:
    """One question: its measures and milliseconds by method, and which documents were found."""

    question: Question
    measures: dict[str, dict[str, float]] = field(default_factory=dict)
    took_ms: dict[str, float] = field(default_factory=dict)
    found: frozenset[DocumentId] = frozenset()

    def add(self, method: str, measures: dict[str, float], took_ms: float) -> None:
        """Note what one method made of it."""
        self.measures[method] = measures
        self.took_ms[method] = took_ms


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of each method, in the order of METHODS; None where it wasn't there to be measured.

    `chunks` and `index_cpu_s` are None where nothing was indexed for it. `notes` are for people.
    """

    methods: dict[str, dict[str, float] | None]
    questions: int
    documents: int | None = None
    chunks: int | None = None
    index_cpu_s: float | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Measures to four places, milliseconds to two."""
        shown: dict[str, Any] = {
            method: figures
            and {name: round(value, 2 if name in {P50, P99} else 4) for name, value in figures.items()}
            for method, figures in self.methods.items()
        }
        cpu = None if self.index_cpu_s is None else round(self.index_cpu_s, 3)
        return shown | {
            "chunks": self.chunks,
            "index_cpu_s": cpu,
            "documents": self.documents,
            "questions": self.questions,
            "notes": list(self.notes),
        }


def summary(
    answers: Sequence[Answered], methods: Sequence[str] = METHODS
) -> dict[str, dict[str, float] | None]:
    """The means of each method over all questions, and its times."""
    return {method: _of_method(answers, method) for method in methods}


def _of_method(answers: Sequence[Answered], method: str) -> dict[str, float] | None:
    if any(method not in one.measures for one in answers):
        return None
    times = [one.took_ms[method] for one in answers]
    return mean([one.measures[method] for one in answers]) | {
        P50: percentile(times, 0.5),
        P99: percentile(times, 0.99),
    }


Baseline = Mapping[str, float]
"""nDCG@10 by method."""


def read_baseline(path: Path) -> Baseline:
    """What `fm eval --json` printed earlier. Raises SettingError."""
    try:
        with path.open("rb") as file:
            held = json.loads(file.read(BASELINE_BYTES))
        baseline = {method: _share(held[method][NDCG]) for method in METHODS if held.get(method)}
    except OSError as error:
        raise SettingError("--baseline", f"can't be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SettingError("--baseline", "is not what `fm eval --json` prints") from error
    if not baseline:
        raise SettingError("--baseline", "is not what `fm eval --json` prints")
    return baseline


def _share(value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("no figure between 0 and 1")
    return float(value)


def fallen(baseline: Baseline, now: Evaluation) -> list[str]:
    """What got worse than the baseline by more than the tolerance, a sentence each."""
    found = []
    for method, before in baseline.items():
        figures = now.methods.get(method)
        if figures is None:
            found.append(f"{NDCG} of {method} was {before:.3f} and can't be measured now")
        elif before - figures[NDCG] > TOLERANCE:
            found.append(f"{NDCG} of {method} fell from {before:.3f} to {figures[NDCG]:.3f}")
    return found
