"""Ask: each question by each method of search, judged and timed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.domain import Candidate, DocumentId
from bot.errors import RateLimited, RetryLater
from bot.evaluate.build import OnProgress
from bot.evaluate.collection import Question
from bot.evaluate.figures import DENSE, HYBRID, KEYWORD, RERANKED, Answered
from bot.evaluate.measures import DEPTH, judge
from bot.search.fuse import PASSAGES_PER_DOCUMENT
from bot.search.narrow import Narrowed
from bot.search.pipeline import Ranking, SearchPipeline
from bot.search.rerank import Reranked, Reranker, rerank
from bot.search.retrieve import CANDIDATES

WAITS_S = (0.2, 5.0, 60.0)
"""Before a search that failed is tried again. An index that was paid for isn't thrown away lightly."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and where and how it is searched for."""

    question: Question
    narrowed: Narrowed


@dataclass(frozen=True, slots=True)
class Subject:
    """Names and titles of documents where they aren't the bot's own."""

    names: Mapping[DocumentId, str] = field(default_factory=dict)
    titles: Mapping[DocumentId, str] = field(default_factory=dict)


async def ask(
    pipeline: SearchPipeline, subject: Subject, questions: Sequence[Asked], on_progress: OnProgress
) -> tuple[list[Answered], dict[str, int]]:
    """The judged answers in the questions' order, and how often which shortcoming was told.

    One question after another. Raises RetryLater or OperatorError when words or meaning can't be searched,
    a minute later neither.
    """
    answers, notes = [], Counter[str]()
    for done, asked in enumerate(questions, start=1):
        answers.append(await _answer(pipeline, subject, asked, notes))
        on_progress(done)
    return answers, dict(notes)


async def _answer(pipeline: SearchPipeline, subject: Subject, asked: Asked, notes: Counter[str]) -> Answered:
    question, narrowed, answered = asked.question, asked.narrowed, Answered(asked.question)

    def add(method: str, found: Iterable[Candidate], took_ms: float) -> None:
        names = (subject.names.get(one.document_id, str(one.document_id)) for one in found)
        answered.add(method, judge(answers_to(question, names), question.grades), took_ms)

    keyword, took_ms = await _timed(lambda: _by_words(pipeline, narrowed))
    add(KEYWORD, keyword, took_ms)
    dense, took_ms = await _timed(lambda: _by_meaning(pipeline, narrowed))
    add(DENSE, dense, took_ms)
    ranking, took_ms = await _timed(
        lambda: replace(pipeline, reranker=None).rank(
            narrowed.scope, narrowed.query, limit=PASSAGES_PER_DOCUMENT * DEPTH, wanted=narrowed.wanted
        )
    )
    add(HYBRID, ranking.hybrid, took_ms)
    notes.update(ranking.notes)
    answered.found = frozenset(one.document_id for one in ranking.hybrid)
    if (reranker := pipeline.reranker) is not None:
        best, more_ms = await _timed(lambda: _reranked(reranker, subject, narrowed, ranking))
        add(RERANKED, best.candidates, took_ms + more_ms)
        notes.update([best.note] if best.note else [])
    return answered


async def _by_words(pipeline: SearchPipeline, narrowed: Narrowed) -> list[Candidate]:
    found = await pipeline.index.keyword(narrowed.scope, narrowed.query, CANDIDATES)
    return await _readable(pipeline, narrowed, found)


async def _by_meaning(pipeline: SearchPipeline, narrowed: Narrowed) -> list[Candidate]:
    vector = await pipeline.embeddings.embed_query(narrowed.query.text)
    found = await pipeline.index.dense(narrowed.scope, vector, CANDIDATES)
    return await _readable(pipeline, narrowed, found)


async def _readable(
    pipeline: SearchPipeline, narrowed: Narrowed, found: Sequence[Candidate]
) -> list[Candidate]:
    """As every search does: what the shares in SQL let through now."""
    ids = {one.document_id for one in found}
    async with pipeline.transaction(reading=True) as tx:
        readable = await tx.documents.readable(narrowed.scope, ids, narrowed.wanted)
    return [one for one in found if one.document_id in readable]


async def _reranked(reranker: Reranker, subject: Subject, narrowed: Narrowed, ranking: Ranking) -> Reranked:
    titles = {name: document.title for name, document in ranking.readable.items()} | dict(subject.titles)
    return await rerank(reranker, narrowed.query, ranking.hybrid, titles)


def answers_to(question: Question, names: Iterable[str]) -> list[str]:
    """Each document once, where its best chunk stands.

    One with the question's own id is no answer unless it was judged. So does BEIR's own judge: in some
    collections the questions are documents.
    """
    return [name for name in dict.fromkeys(names) if name != question.id or name in question.grades]


async def _timed(work: Callable[[], Awaitable[Result]]) -> tuple[Result, float]:
    """A result and the milliseconds it took; nobody waits for the answer, so a busy vendor is waited for."""
    for wait_s in (*WAITS_S, None):
        started = time.perf_counter()
        try:
            result = await work()
        except RetryLater as error:
            if wait_s is None:
                raise
            asked_for_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0
            await asyncio.sleep(min(max(wait_s, asked_for_s), WAITS_S[-1]))
        else:
            return result, (time.perf_counter() - started) * 1e3
    raise AssertionError  # the last round returns or raises
