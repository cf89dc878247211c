"""An evaluation from one end to the other: index a collection, ask its questions, sum up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from bot.domain import Scope
from bot.evaluate.ask import Subject, ask
from bot.evaluate.build import Built, OnProgress, build
from bot.evaluate.collection import Collection
from bot.evaluate.figures import RERANKED, Answered, Evaluation, summary
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
        subject = Subject(scope, built.names, built.titles)
        answers, told = await ask(pipeline, subject, collection.questions, report)
    return summed_up(answers, told, collection.notes, built), answers


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
