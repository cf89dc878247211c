"""Ask: each question by each method of search, judged and timed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.domain import Candidate, DocumentId, Query, Scope
from bot.evaluate.build import OnProgress
from bot.evaluate.collection import Question
from bot.evaluate.figures import DENSE, HYBRID, KEYWORD, RERANKED, Answered
from bot.evaluate.measures import DEPTH, judge
from bot.search.fuse import PASSAGES_PER_DOCUMENT
from bot.search.pipeline import Ranking, SearchPipeline
from bot.search.rerank import Reranked, Reranker, rerank
from bot.search.retrieve import CANDIDATES

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is searched: a scope; `names` and `titles` by document id where they aren't the bot's own."""

    scope: Scope
    names: Mapping[DocumentId, str] = field(default_factory=dict)
    titles: Mapping[DocumentId, str] = field(default_factory=dict)


async def ask(
    pipeline: SearchPipeline, subject: Subject, questions: Sequence[Question], on_progress: OnProgress
) -> tuple[list[Answered], dict[str, int]]:
    """The judged answers in the questions' order, and how often which shortcoming was told.

    One question after another. Raises RetryLater or OperatorError when words or meaning can't be searched.
    """
    answers, notes = [], Counter[str]()
    for done, question in enumerate(questions, start=1):
        answers.append(await _answer(pipeline, subject, question, notes))
        on_progress(done)
    return answers, dict(notes)


async def _answer(
    pipeline: SearchPipeline, subject: Subject, question: Question, notes: Counter[str]
) -> Answered:
    query, answered = Query(question.text), Answered(question)
    keyword, took = await _timed(_by_words(pipeline, subject, query))
    answered.add(KEYWORD, judge(_documents(keyword, subject, question), question.grades), took)
    dense, took = await _timed(_by_meaning(pipeline, subject, query))
    answered.add(DENSE, judge(_documents(dense, subject, question), question.grades), took)
    unranked = replace(pipeline, reranker=None)
    ranking, took = await _timed(unranked.rank(subject.scope, query, limit=PASSAGES_PER_DOCUMENT * DEPTH))
    answered.add(HYBRID, judge(_documents(ranking.hybrid, subject, question), question.grades), took)
    notes.update(ranking.notes)
    if pipeline.reranker is not None:
        best, more = await _timed(_reranked(pipeline.reranker, subject, query, ranking))
        answered.add(
            RERANKED, judge(_documents(best.candidates, subject, question), question.grades), took + more
        )
        notes.update([best.note] if best.note else [])
    return answered


async def _by_words(pipeline: SearchPipeline, subject: Subject, query: Query) -> list[Candidate]:
    found = await pipeline.index.keyword(subject.scope, query, CANDIDATES)
    return await _readable(pipeline, subject, found)


async def _by_meaning(pipeline: SearchPipeline, subject: Subject, query: Query) -> list[Candidate]:
    vector = await pipeline.embeddings.embed_query(query.text)
    found = await pipeline.index.dense(subject.scope, vector, CANDIDATES)
    return await _readable(pipeline, subject, found)


async def _readable(
    pipeline: SearchPipeline, subject: Subject, found: Sequence[Candidate]
) -> list[Candidate]:
    """As every search does: what the shares in SQL let through now."""
    async with pipeline.transaction() as tx:
        readable = await tx.documents.readable(subject.scope, {one.document_id for one in found})
    return [one for one in found if one.document_id in readable]


async def _reranked(reranker: Reranker, subject: Subject, query: Query, ranking: Ranking) -> Reranked:
    titles = {name: document.title for name, document in ranking.readable.items()} | dict(subject.titles)
    return await rerank(reranker, query, ranking.hybrid, titles)


def _documents(found: Iterable[Candidate], subject: Subject, question: Question) -> list[str]:
    """Documents, each where its best chunk stands."""
    names = [subject.names.get(one.document_id, str(one.document_id)) for one in found]
    return answers_to(question, names)


def answers_to(question: Question, names: Iterable[str]) -> list[str]:
    """Each document once, in order. One with the question's own id is no answer unless it was judged.

    So does BEIR's own judge: in some collections the questions are documents.
    """
    return [name for name in dict.fromkeys(names) if name != question.id or name in question.grades]


async def _timed(work: Awaitable[Result]) -> tuple[Result, float]:
    """A result and the milliseconds it took."""
    started = time.perf_counter()
    result = await work
    return result, (time.perf_counter() - started) * 1e3
