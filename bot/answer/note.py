"""Note: an answer and what it cites → a row that votes and reports refer to."""

from __future__ import annotations

import structlog

from bot.documents.repository import Transaction
from bot.documents.searches import Shown
from bot.domain import Answer
from bot.errors import FaultMavenError
from bot.search.note import Asked
from bot.search.parse import typed

log = structlog.get_logger(__name__)


async def note(transaction: Transaction, asked: Asked, answer: Answer) -> None:
    """Keep it under the answer's id. A full disk is no reason to withhold an answer."""
    shown = [Shown(c.document_id, c.generation, c.ordinal, c.page) for c in answer.citations]
    try:
        async with transaction() as tx:
            await tx.searches.add(
                id=answer.id,
                workspace=asked.workspace,
                asker=asked.asker,
                query=typed(answer.query),
                surface=asked.surface,
                results=len(shown),
                elapsed_ms=answer.elapsed_ms,
                now=asked.at,
            )
            await tx.searches.showed(answer.id, shown, asked.channel)
    except FaultMavenError as error:
        log.warning("answer_not_noted", cause=type(error).__name__)
