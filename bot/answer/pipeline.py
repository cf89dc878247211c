"""The answer path, top to bottom: converse, retrieve, gather, ground or quote, check, cite."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.answer.check import standing
from bot.answer.cite import Source, Statement, Written, write
from bot.answer.converse import whole
from bot.answer.gather import Evidence, Gathered, gather
from bot.answer.inert import inert
from bot.answer.quote import quote
from bot.domain import Answer, Exchange, Outcome, Query
from bot.errors import FaultMavenError
from bot.ports import ChatProvider, OnText
from bot.search.access import Access
from bot.search.parse import parse_query
from bot.search.pipeline import Ranking, SearchPipeline

log = structlog.get_logger(__name__)

QUOTES = 3
NOT_FOUND = "That is not in the files you can see."
ADVICE = "Try other words, or share the file that has it in a channel that you and I are both in."


@dataclass(frozen=True, slots=True)
class AnswerPipeline:
    """Everything an answer needs. Without `chat` it is the passages' own words."""

    search: SearchPipeline
    chat: ChatProvider | None = None

    async def answer(
        self,
        access: Access,
        question: str,
        history: Sequence[Exchange] = (),
        *,
        asker: str,
        surface: str,
        on_text: OnText | None = None,
    ) -> Answer:
        """Answer from what this access covers and nothing else. `history` is oldest first.

        `on_text` gets the text as it is written. Its pieces together are the answer's `text`, but for the
        rare case that a source fell away meanwhile: then show `text` instead. Raises QueryRejected when
        there is nothing to ask, RetryLater when the index can't be searched now; a chat model that fails
        is a note.
        """
        started = time.perf_counter()
        query = parse_query(whole(question, [one.question for one in history]))
        ranking = await self.search.rank(access.scope, query)
        gathered = gather(question, query, ranking)
        statements = quoted(gathered, query)
        written = await self._checked(access, statements)
        if on_text is not None and written.text:
            await on_text(written.text)
        answer = _answer(access, query, ranking, gathered, written, started)
        await self._note(access, answer, asker, surface)
        return answer

    async def _checked(self, access: Access, statements: Sequence[Statement]) -> Written:
        """Without what may not be read any more, or is not on its page any more."""
        sources = {s.evidence.candidate.chunk_id: s for one in statements for s in one.sources}
        kept = await standing(self.search.transaction, self.search.index, access.scope, sources.values())
        return write(
            [one for one in statements if all(s.evidence.candidate.chunk_id in kept for s in one.sources)]
        )

    async def _note(self, access: Access, answer: Answer, asker: str, surface: str) -> None:
        if not self.search.noted:
            return
        try:
            async with self.search.transaction() as tx:
                await tx.searches.add(
                    id=answer.id,
                    workspace=access.scope.workspace,
                    asker=asker,
                    query=answer.query.text,
                    surface=surface,
                    results=len(answer.citations),
                    elapsed_ms=answer.elapsed_ms,
                    now=self.search.clock(),
                )
        except FaultMavenError as error:  # a full disk is no reason to withhold an answer
            log.warning("answer_not_noted", cause=type(error).__name__)


def quoted(gathered: Gathered, query: Query) -> list[Statement]:
    """The best passages' best stretches."""
    scored = []
    for place, one in enumerate(gathered.evidence):
        context = gathered.wanted.found_in(f"{one.document.title}\n{one.candidate.heading}")
        span, score = quote(one.candidate.text, gathered.wanted, context, query.text)
        scored.append((score + 0.5 * one.candidate.score, -place, one, span))
    scored.sort(key=lambda each: each[:2], reverse=True)
    return [_statement(one, span) for _, _, one, span in scored[:QUOTES]]


def _statement(evidence: Evidence, span: tuple[int, int]) -> Statement:
    words = " ".join(inert(evidence.candidate.text[slice(*span)]).split())
    return Statement("\n", f"- {words}", (Source(evidence, span),))


def _answer(
    access: Access, query: Query, ranking: Ranking, gathered: Gathered, written: Written, started: float
) -> Answer:
    notes = (access.note, *ranking.notes) if access.note else ranking.notes
    return Answer(
        id=uuid.uuid4().hex,
        outcome=Outcome.QUOTED if written.text else Outcome.NOT_FOUND,
        text=written.text or f"{NOT_FOUND} {ADVICE}",
        citations=written.citations(query),
        query=query,
        channels_searched=len(access.scope.channels),
        elapsed_ms=(time.perf_counter() - started) * 1000,
        nearest=() if written.text else gathered.nearest,
        notes=notes,
    )
