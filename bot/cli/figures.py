"""What `fm eval` shows at its end: a table for people or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typer

from bot.evaluate.figures import P50, P99, Answered, Evaluation
from bot.evaluate.measures import MEASURES, NDCG
from bot.slack.render import count

COLUMN, METHOD_COLUMN, QUESTION_CHARS = 11, 9, 80


def show_evaluation(name: str, evaluation: Evaluation, answers: Sequence[Answered], *, as_json: bool) -> None:
    """The table; above it each of the `answers`, if any are given."""
    if as_json:
        typer.echo(json.dumps(evaluation.as_json(), indent=2))
        return
    for answer in answers:
        judged = "  ".join(f"{method} {found[NDCG]:.2f}" for method, found in answer.measures.items())
        typer.echo(f"{judged}  {_one_line(answer.question.text)}")
    typer.echo(_headline(name, evaluation))
    names = [*MEASURES, P50, P99]
    typer.echo(" " * METHOD_COLUMN + "".join(f"{title:>{COLUMN}}" for title in names))
    for method, figures in evaluation.methods.items():
        if figures is not None:
            cells = (f"{figures[one]:{COLUMN}.{1 if one in {P50, P99} else 3}f}" for one in names)
            typer.echo(f"{method:{METHOD_COLUMN}}" + "".join(cells))
    for note in evaluation.notes:
        typer.echo(note)


def _headline(name: str, evaluation: Evaluation) -> str:
    said = [count(evaluation.questions, "question")]
    if evaluation.documents is not None:
        said.append(count(evaluation.documents, "document"))
    if evaluation.chunks is not None:
        said.append(count(evaluation.chunks, "chunk"))
    if evaluation.index_cpu_s is not None:
        said.append(f"{evaluation.index_cpu_s:.1f} CPU s to chunk, embed and index")
    return f"{_one_line(name)}: {', '.join(said)}"


def _one_line(text: str) -> str:
    """Text from outside: no control characters, not longer than a line."""
    return "".join(one if one.isprintable() else " " for one in text)[:QUESTION_CHARS]
