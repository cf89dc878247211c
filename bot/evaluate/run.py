"""An evaluation from one end to the other: index a collection, ask its questions, sum up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bot.domain import Query, Scope
from bot.evaluate.ask import Asked, Subject, ask
from bot.evaluate.build import Built, OnProgress, build
from bot.evaluate.collection import Collection
from bot.evaluate.figures import RERANKED, Answered, Evaluation, summary
from bot.evaluate.save import save
from bot.evaluate.votes import questions_of
from bot.search.narrow import Narrowed
from bot.search.pipeline import SearchPipeline

NO_RERANKER = "reranked was not measured: there is no reranker without CO_API_KEY"

Progress = Callable[[str, int], AbstractContextManager[OnProgress]]
"""Shows how far something of so many parts is, while the block runs."""


def unseen(_what: str, _total: int) -> AbstractContextManager[OnProgress]:
    """The progress that nobody looks at."""
    return nullcontext(lambda _done: None)


async def evaluate(
    pipeline: SearchPipeline, scope: Scope, collection: Collection, progress: Progress = unseen
) -> tuple[Evaluation, list[Answered]]:
    """The figures of a collection in an empty index, and those of each question.

    Raises SettingError when the collection changed meanwhile, and what indexing and searching raise.
    """
    with progress("indexed", collection.documents) as report:
        built = await build(pipeline, scope, collection.entries(), report)
    with progress("asked", len(collection.questions)) as report:
        asked = [Asked(question, Narrowed(scope, Query(question.text))) for question in collection.questions]
        answers, told = await ask(pipeline, Subject(built.names, built.titles), asked, report)
    return summed_up(answers, told, collection.notes, built), answers


async def evaluate_votes(
    pipeline: SearchPipeline, progress: Progress = unseen, into: Path | None = None
) -> tuple[Evaluation, list[Answered]]:
    """The figures of the index as it is, and those of each question that people voted on.

    `into` is an empty folder that gets all of it as a collection. Raises OperatorError for too few votes
    or a folder that can't be written, and what searching raises.
    """
    asked, notes = await questions_of(pipeline)
    with progress("asked", len(asked)) as report:
        answers, told = await ask(pipeline, Subject(), asked, report)
    if into is not None:
        notes.append(f"{await save(pipeline, into, asked, answers):,} documents were written to {into}")
    return summed_up(answers, told, notes), answers


def summed_up(
    answers: Sequence[Answered], told: Mapping[str, int], notes: Sequence[str], built: Built | None = None
) -> Evaluation:
    """The figures of all answers, with what has to be told beside them."""
    methods = summary(answers)
    notes = [*notes, *(f"{number:,} of {len(answers):,} questions: {note}" for note, number in told.items())]
    if methods[RERANKED] is None:
        notes.append(NO_RERANKER)
    if built is None:
        return Evaluation(methods, len(answers), notes=tuple(notes))
    return Evaluation(methods, len(answers), len(built.names), built.chunks, built.cpu_s, tuple(notes))
