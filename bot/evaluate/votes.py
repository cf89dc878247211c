"""Votes: what people found helpful, as questions with judgements; on the documents that are there now.

A vote judges what a search showed, and nothing else: these figures tell whether what helped is still found,
not whether something better was missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.documents.repository import Repositories
from bot.documents.tables import SearchLog
from bot.domain import DocumentId, Scope, WorkspaceId
from bot.errors import OperatorError, QueryRejected
from bot.evaluate.ask import Asked
from bot.evaluate.collection import Question
from bot.search.access import Access
from bot.search.narrow import Narrowed
from bot.search.parse import parse_query
from bot.search.pipeline import SearchPipeline

MAX_VOTES = 10_000
"""The latest ones."""
ENOUGH_QUESTIONS = 10
"""With fewer, one answer moves a figure by more than a tenth."""
ADVICE = "People vote with the buttons under an answer"


@dataclass(frozen=True, slots=True)
class Votes:
    """What people voted on: questions of each workspace, and how many votes there are of which kind.

    A document's grade is 1 where more votes were for it than against it, else 0.
    """

    questions: dict[WorkspaceId, list[Question]]
    scopes: dict[WorkspaceId, Scope]
    helped: int
    missed: int

    @property
    def total(self) -> str:
        """For people."""
        questions = sum(map(len, self.questions.values()))
        return f"{self.helped:,} votes for an answer and {self.missed:,} against, on {questions:,} questions"


async def read_votes(tx: Repositories) -> Votes:
    """What was voted on, whoever asked; each workspace's scope is all of its channels."""
    rows = await tx.searches.voted(MAX_VOTES)
    by_workspace: dict[WorkspaceId, list[SearchLog]] = defaultdict(list)
    for row in rows:
        by_workspace[WorkspaceId(row.workspace_id)].append(row)
    return Votes(
        {workspace: _questions(workspace, asked) for workspace, asked in by_workspace.items()},
        {
            workspace: Scope(workspace, await tx.documents.all_channels(workspace))
            for workspace in by_workspace
        },
        helped=sum(row.vote == 1 for row in rows),
        missed=sum(row.vote == -1 for row in rows),
    )


async def questions_of(pipeline: SearchPipeline) -> tuple[list[Asked], list[str]]:
    """The questions that can be asked now, and what has to be told of the others. Raises OperatorError."""
    async with pipeline.transaction() as tx:
        votes = await read_votes(tx)
    asked: list[Asked] = []
    left_out = 0
    for workspace, questions in votes.questions.items():
        for question in questions:
            one = await _askable(pipeline, votes.scopes[workspace], question)
            asked += [one] if one else []
            left_out += one is None
    if len(asked) < ENOUGH_QUESTIONS:
        raise OperatorError(
            f"There are {votes.total}, and {len(asked)} of these questions have an answer that helped and is"
            f" still there; it takes {ENOUGH_QUESTIONS}",
            ADVICE,
        )
    notes = [votes.total]
    if left_out:
        notes.append(f"{left_out:,} of these questions have no answer that helped and is still there")
    return asked, notes


async def _askable(pipeline: SearchPipeline, scope: Scope, question: Question) -> Asked | None:
    """As it would be searched now, judged by the documents that are still there; None when none helped."""
    try:
        narrowed: Narrowed = await pipeline.narrowed(Access(scope), parse_query(question.text), asker="")
    except QueryRejected:  # the channel that it named is gone
        return None
    async with pipeline.transaction(reading=True) as tx:
        there = await tx.documents.readable(narrowed.scope, [DocumentId(one) for one in question.grades])
    grades = {name: grade for name, grade in question.grades.items() if name in there}
    if not narrowed.query.text or not any(grades.values()):
        return None
    return Asked(replace(question, grades=grades), narrowed)


def _questions(workspace: WorkspaceId, rows: Sequence[SearchLog]) -> list[Question]:
    """Each question once, whatever its spaces and case."""
    words = {row.id: " ".join(row.query.casefold().split()) for row in rows}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for document in _shown(row.shown):
            votes[words[row.id]][document] += row.vote or 0
    texts = {words[row.id]: row.query for row in rows}
    return [
        Question(
            f"{workspace}-{number}", texts[key], {name: int(count > 0) for name, count in votes[key].items()}
        )
        for number, key in enumerate(sorted(votes), start=1)
    ]


def _shown(shown: Iterable[object]) -> set[str]:
    return {str(one["document"]) for one in shown if isinstance(one, dict) and "document" in one}
