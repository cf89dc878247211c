"""Note: a search and what it showed → a row that buttons, votes and reports refer to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.documents.repository import Transaction
from bot.documents.searches import Shown
from bot.domain import ChannelId, SearchResult, WorkspaceId
from bot.errors import FaultMavenError
from bot.search.parse import typed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, how, where and when; the command line has no channel."""

    workspace: WorkspaceId
    asker: str
    surface: str
    channel: ChannelId | None
    at: float


async def note(
    transaction: Transaction, asked: Asked, result: SearchResult, seen: Sequence[Shown]
) -> str | None:
    """The id of the note, which also holds what was seen before; None when it can't be written.

    A full disk is no reason to withhold an answer.
    """
    search_id = uuid.uuid4().hex
    passages = (Shown(p.document_id, p.generation, p.ordinal, p.page) for p in result.passages)
    documents = (Shown(d.document_id, d.generation) for d in result.documents)
    try:
        async with transaction() as tx:
            await tx.searches.add(
                id=search_id,
                workspace=asked.workspace,
                asker=asked.asker,
                query=typed(result.query),
                surface=asked.surface,
                results=len(result.passages) + len(result.documents),
                elapsed_ms=result.elapsed_ms,
                now=asked.at,
            )
            await tx.searches.showed(search_id, [*seen, *passages, *documents], asked.channel)
    except FaultMavenError as error:
        log.warning("search_not_noted", cause=type(error).__name__)
        return None
    return search_id
