"""Rows → what the page is sent. Pure. Names and questions are data: the page shows them as text."""

from __future__ import annotations

from typing import Any

from bot.documents.insights import Asked, Insights
from bot.documents.tables import Document, SearchLog
from bot.domain import Stage, Status
from bot.search.parse import legible

Json = dict[str, Any]
MAX_CHARS = 300
UNNAMED = "A file of a channel that you and I are not both in"


def document(one: Document, *, named: bool = True) -> Json:
    """A document with what became of it; no name and no reason for whoever may not read it in Slack."""
    under_way = one.status == Status.PROCESSING
    reason = (one.error_detail or one.partial or "") if named else (one.error_code or "").replace("_", " ")
    return {
        "id": one.id,
        "file": one.file_id,
        "workspace": one.workspace_id,
        "title": (one.title or one.name or one.file_id)[:MAX_CHARS] if named else UNNAMED,
        "status": one.status,
        "stage": Stage(one.stage) if under_way else None,
        "done": one.progress_done,
        "total": one.progress_total,
        "pages": one.pages,
        "passages": one.chunks,
        "size": one.size,
        "reason": reason[:MAX_CHARS],
        "advice": (one.error_advice or "")[:MAX_CHARS] if named else "",
        "attempts": one.attempts + one.waits,
        "next_try": one.not_before if one.status == Status.PENDING else 0.0,
        "changed": one.changed_at,
        "retry": one.status in {Status.FAILED, Status.INDEXED},
    }


def insights(found: Insights) -> Json:
    """Counts, and the questions behind them, without who asked."""
    return {
        "searches": found.searches,
        "found_nothing": found.found_nothing,
        "voted_up": found.voted_up,
        "voted_down": found.voted_down,
        "in_vain": [_asked(one) for one in found.in_vain],
        "unhelpful": [_asked(one) for one in found.unhelpful],
    }


def vote(one: SearchLog) -> Json:
    """A vote with its comment, without whose it is."""
    return {
        "query": legible(one.query)[:MAX_CHARS],
        "vote": one.vote,
        "comment": (one.comment or "")[:MAX_CHARS],
        "at": one.created_at,
    }


def _asked(one: Asked) -> Json:
    return {"query": legible(one.query)[:MAX_CHARS], "times": one.times}
