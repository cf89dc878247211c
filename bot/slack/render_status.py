"""Render: what became of files."""

from __future__ import annotations

from typing import Any

from bot.documents.tables import Document
from bot.domain import Stage, Status
from bot.search.status import StatusReport
from bot.slack.render_text import count, display_name, escape, note, plain_section

MAX_STATUS_DOCUMENTS = 10
STAGE_WORDS = {
    Stage.ACCEPT: "waiting",
    Stage.DOWNLOAD: "downloading",
    Stage.EXTRACT: "reading",
    Stage.EMBED: "embedding",
    Stage.INDEX: "indexing",
}


def status_line(document: Document) -> str:
    """What became of a document, in one or two plain sentences (the text of our reply in its thread)."""
    name = f'"{display_name(document.title or document.name or document.file_id)}"'
    if document.tombstoned_at is not None:
        return f"{name} was deleted and can no longer be found"
    match Status(document.status):
        case Status.INDEXED:
            line = f"Indexed {name}: {count(document.pages, 'page')}, {count(document.chunks, 'passage')}"
            return f"{line}. {document.partial}" if document.partial else line
        case Status.FAILED:
            reason = (document.error_detail or "something went wrong").rstrip(".")
            advice = f". {document.error_advice}" if document.error_advice else ""
            return f"Could not index {name}: {reason}{advice}"
        case Status.PROCESSING:
            return f"Indexing {name}: {_progress(document)}…"
        case Status.PENDING if tries := document.attempts + document.waits:
            reason = (document.error_detail or "it was interrupted").rstrip(".")
            return f"Indexing {name} again soon: {reason} (attempt {tries})"
        case Status.PENDING:
            return f"Received {name}, it will be searchable in a moment"


def status_reply(document: Document) -> dict[str, Any]:
    """`text` and `blocks` of our reply in a file's thread."""
    line = status_line(document)
    return {"text": escape(line), "blocks": [plain_section(line)]}


def status_report(report: StatusReport, why: str | None, *, now: float) -> dict[str, Any]:
    """`text` and `blocks` of an answer to `/fm status`."""
    documents = report.documents
    parts = [f"{report.counts.get(status, 0):,} {status}" for status in Status]
    head = "Files you can search: " + ", ".join(parts)
    blocks = [plain_section(head)]
    for document in documents[:MAX_STATUS_DOCUMENTS]:
        when = _when(document, report.queue_places.get(document.id), now)
        blocks.append(plain_section(f"{status_line(document)} ({when})"))
    if report.preparing:
        blocks.append(note(report.preparing))
    if why:
        blocks.append(note(why))
    elif not documents:
        blocks.append(note("Nothing yet. Invite me to a channel and share a file there."))
    return {"text": escape(head), "blocks": blocks}


def _when(document: Document, place: int | None, now: float) -> str:
    """What a person who waits wants to know: since when, behind how many, when the next try is."""
    if document.status == Status.PENDING:
        if document.not_before > now:
            return f"next try in {_span(document.not_before - now)}"
        waiting = f"waiting for {_span(now - document.created_at)}"
        return f"{waiting}, {count(place, 'file')} of those you see before it" if place else waiting
    if document.status == Status.PROCESSING and document.started_at:
        return f"for {_span(now - document.started_at)}"
    return f"{_span(now - document.changed_at)} ago"


def _span(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 days`: as exact as a person cares."""
    for unit, length in (("day", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return count(number, unit) if unit == "day" else f"{number} {unit}"
    return f"{max(int(seconds), 0)} s"


def _progress(document: Document) -> str:
    stage = STAGE_WORDS[Stage(document.stage)]
    if document.progress_total:
        return f"{stage}, {document.progress_done:,} of {document.progress_total:,}"
    return stage
