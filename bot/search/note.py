"""Note: a search and what it showed → a row that buttons, votes and reports refer to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.documents.repository import Transaction
from bot.documents.searches import Shown
from bot.domain import ChannelId, Query, SearchResult, WorkspaceId
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
    """The id of the note, which also holds what was seen before; None when it can't be written."""
    search_id = uuid.uuid4().hex
    passages = (Shown(p.document_id, p.generation, p.ordinal, p.page) for p in result.passages)
    documents = (Shown(d.document_id, d.generation) for d in result.documents)
    found = [*passages, *documents]
    kept = await keep(
        transaction, asked, search_id, result.query, [*seen, *found], len(found), result.elapsed_ms
    )
    return search_id if kept else None


async def keep(
    transaction: Transaction,
    asked: Asked,
    search_id: str,
    query: Query,
    shown: Sequence[Shown],
    results: int,
    elapsed_ms: float,
) -> bool:
    """Write the row; whether it could be. A full disk is no reason to withhold an answer."""
    try:
        async with transaction() as tx:
            await tx.searches.add(
                id=search_id,
                workspace=asked.workspace,
                asker=asked.asker,
                query=typed(query),
                surface=asked.surface,
                results=results,
                elapsed_ms=elapsed_ms,
                now=asked.at,
            )
            await tx.searches.showed(search_id, shown, asked.channel)
    except FaultMavenError as error:
        log.warning("search_not_noted", surface=asked.surface, cause=type(error).__name__)
        return False
    return True
