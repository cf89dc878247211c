"""The answer path, top to bottom: converse, retrieve, gather, ground or quote, and tell what stands."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from bot.answer.converse import standalone
from bot.answer.gather import Gathered, gather
from bot.answer.ground import Grounding, grounded
from bot.answer.prompt import answering
from bot.answer.quote import quotes
from bot.answer.tell import Telling
from bot.documents.searches import Shown
from bot.domain import Answer, ChannelId, Exchange, Outcome
from bot.errors import QueryRejected
from bot.ports import ChatProvider, OnText
from bot.search.access import Access
from bot.search.note import Asked, keep
from bot.search.parse import parse_query
from bot.search.pipeline import SearchPipeline
from bot.search.rerank import UNRANKED

NOT_FOUND = (
    "That is not in the files you can see. "
    "Try other words, or share the file that has it in a channel that you and I are both in."
)
NO_QUESTION = (
    "There is no question besides the conditions",
    "`/fm search` lists the files that fulfil conditions.",
)
MODEL_AWAY = "The chat model can't be asked right now, so these are the passages themselves."
BROKE_OFF = "The chat model broke off here."
UNFOUNDED = "What the chat model wrote is not borne out by your files, so these are the passages themselves."


@dataclass(frozen=True, slots=True)
class Draft:
    """What came of asking: how, and what people should know about it."""

    outcome: Outcome
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerPipeline:
    """Everything an answer needs. Without `chat` it is the passages' own words."""

    search: SearchPipeline
    chat: ChatProvider | None = None
    observe: Callable[[float, int], None] = lambda _elapsed_ms, _citations: None

    async def answer(
        self,
        access: Access,
        question: str,
        history: Sequence[Exchange] = (),
        *,
        asker: str,
        surface: str,
        channel: ChannelId | None = None,
        on_text: OnText | None = None,
    ) -> Answer:
        """Answer from what this access covers and nothing else. `history` is oldest first.

        `on_text` gets the text as it is written. Its pieces together are the answer's `text`, but for two
        cases: nothing was found, so none came; or a source fell away meanwhile, then `text` is less.
        Raises QueryRejected when there is nothing to ask or a condition can't be fulfilled, RetryLater when
        the index can't be searched now; a chat model that fails is a note. Repeatable.
        """
        started = time.perf_counter()
        asked_for = parse_query(await standalone(question, history, self.chat), access.today())
        if not asked_for.text:
            raise QueryRejected(*NO_QUESTION)
        narrowed = await self.search.narrowed(access, asked_for, asker)
        query = narrowed.query
        ranking = await self.search.rank(narrowed.scope, query, wanted=narrowed.wanted)
        reranked = self.search.reranker is not None and UNRANKED not in ranking.notes
        gathered = gather(question, query, ranking, reranked=reranked)
        telling = Telling(self.search.transaction, self.search.index, access.scope, on_text)
        draft = await self._write(question, history, gathered, telling)
        written = await telling.finish()
        found = bool(written.text)
        answer = Answer(
            id=uuid.uuid4().hex,
            outcome=draft.outcome if found else Outcome.NOT_FOUND,
            text=written.text or NOT_FOUND,
            citations=written.citations(query),
            query=query,
            channels_searched=len(narrowed.scope.channels),
            elapsed_ms=(time.perf_counter() - started) * 1000,
            nearest=() if found else gathered.nearest,
            notes=tuple(filter(None, (access.note, narrowed.note, *ranking.notes, draft.note))),
        )
        self.observe(answer.elapsed_ms, len(answer.citations))
        if self.search.noted:
            asked = Asked(access.scope.workspace, asker, surface, channel, self.search.clock())
            await self._note(asked, answer)
        return answer

    async def _note(self, asked: Asked, answer: Answer) -> None:
        """What votes and buttons refer to."""
        cited = [Shown(c.document_id, c.generation, c.ordinal, c.page) for c in answer.citations]
        transaction = self.search.transaction
        await keep(transaction, asked, answer.id, answer.query, cited, len(cited), answer.elapsed_ms)

    async def _write(
        self, question: str, history: Sequence[Exchange], gathered: Gathered, telling: Telling
    ) -> Draft:
        if not gathered.evidence:
            return Draft(Outcome.NOT_FOUND)
        why = None
        if self.chat is not None:
            draft = await self._ask(self.chat, question, history, gathered, telling)
            if draft.outcome is not Outcome.QUOTED:
                return draft
            why = draft.note
        for statement in quotes(gathered, question):
            await telling.tell(statement)
        return Draft(Outcome.QUOTED, why)

    async def _ask(
        self,
        chat: ChatProvider,
        question: str,
        history: Sequence[Exchange],
        gathered: Gathered,
        telling: Telling,
    ) -> Draft:
        """Have a model write; QUOTED when nothing came of it and the passages must speak for themselves."""
        prompt = answering(question, history, gathered.evidence)
        grounding = Grounding(gathered.evidence[: len(prompt.excerpts)], question)
        async with aclosing(grounded(chat, prompt, grounding)) as statements:
            async for statement in statements:
                await telling.tell(statement)
                if telling.written.full:
                    break
        if grounding.nowhere:
            return Draft(Outcome.NOT_FOUND)
        if telling.written.text:
            return Draft(Outcome.WRITTEN, BROKE_OFF if grounding.failed else None)
        return Draft(Outcome.QUOTED, MODEL_AWAY if grounding.failed else UNFOUNDED)
