"""Views: documents, passages and figures as rows and values have them → as the API answers them. Pure."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.documents.reads import Total
from bot.documents.tables import Document
from bot.domain import ApiKey, ChannelId, Passage, Readable, SearchResult, Status
from bot.web.api.models import (
    DocumentView,
    Figures,
    Found,
    PassageView,
    Reason,
    SearchAnswer,
    SpaceFigures,
    Stats,
)

TIME_DIGITS = 16


def document_view(document: Document, space: str) -> DocumentView:
    """A document of the space of that name."""
    reason = None
    if document.error_code:
        detail, advice = document.error_detail or "", document.error_advice or ""
        reason = Reason(code=document.error_code, detail=detail, advice=advice)
    return DocumentView(
        id=document.id,
        space=space,
        title=document.title,
        name=document.name,
        mimetype=document.mimetype,
        size=document.size,
        status=Status(document.status),
        stage=document.stage,
        done=document.progress_done,
        total=document.progress_total,
        pages=document.pages,
        passages=document.chunks,
        partial=document.partial,
        error=reason,
        created_at=_time(document.created_at),
        changed_at=_time(document.changed_at),
        indexed_at=None if document.indexed_at is None else _time(document.indexed_at),
    )


def search_answer(result: SearchResult, asked: str, spaces: Mapping[ChannelId, str]) -> SearchAnswer:
    """What a search found. `spaces` are the names of those it looked in."""
    return SearchAnswer(
        query=asked,
        passages=[_passage(passage, spaces) for passage in result.passages],
        documents=[_found(document, spaces) for document in result.documents],
        nearest=[_found(document, spaces) for document in result.nearest],
        notes=list(result.notes),
        more=result.more,
    )


def stats_of(key: ApiKey, totals: Sequence[Total]) -> Stats:
    """What there is in each space of a key, and in all of them."""
    of_space = {space: SpaceFigures(name=name) for space, name in key.spaces.items()}
    total = Figures()
    for row in totals:
        for figures in (total, of_space[row.channel]):
            setattr(figures, row.status, getattr(figures, row.status) + row.documents)
            figures.pages += row.pages
            figures.passages += row.chunks
            figures.size += row.size
    return Stats(total=total, spaces=list(of_space.values()))


def cursor_of(document: Document) -> str:
    """Where a list goes on: when its last document was made, bit by bit, and its id."""
    return struct.pack(">d", document.created_at).hex() + document.id


def place_of(cursor: str) -> tuple[float, str]:
    """The time and the id that a cursor names."""
    (created_at,) = struct.unpack(">d", bytes.fromhex(cursor[:TIME_DIGITS]))
    return created_at, cursor[TIME_DIGITS:]


def _passage(passage: Passage, spaces: Mapping[ChannelId, str]) -> PassageView:
    return PassageView(
        document_id=passage.document_id,
        space=spaces[passage.message.channel],
        title=passage.title,
        page=passage.page,
        page_label=passage.label,
        text=passage.text,
        highlights=list(passage.highlights),
        score=passage.score,
    )


def _found(document: Readable, spaces: Mapping[ChannelId, str]) -> Found:
    return Found(
        document_id=document.document_id, space=spaces[document.message.channel], title=document.title
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
