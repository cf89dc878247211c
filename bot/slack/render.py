"""Render: values → Block Kit, inside Slack's limits whatever a file holds. Pure.

A file's text and name are data: they go into `rich_text` and `plain_text` elements, where nothing
is markup; where markup is needed, `escape` makes them inert. Sources of the limits: Slack's block
reference; the message budget was measured (bolt-js#2509, #2867).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.documents.tables import Document
from bot.domain import ChannelId, Passage, SearchResult, Stage, Status
from bot.search.status import StatusReport

Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_SECTION_CHARS = 3_000
MAX_MESSAGE_CHARS = 11_000
MAX_TITLE_CHARS = 150
MAX_NAME_CHARS = 120
MAX_STATUS_DOCUMENTS = 10

HELP = (
    "*Find what is in the files your team shares.* I index every file shared in a channel that I am in, "
    "and tell you in its thread what became of it.\n"
    "• `/fm search database failover`: passages with file, page and message; "
    '`"exact words"` in quotes must appear as they are\n'
    "• `/fm status`: what is indexed, what is under way, what failed and why\n"
    "• `/fm retry runbook.pdf`: read a file again that failed\n"
    "• `/fm forget runbook.pdf`: remove a file that you shared from the search, for good; "
    "`/fm forget me`: delete what I keep of your searches and questions\n"
    "• `/fm ignore`: index nothing in this channel and forget what was shared in it, until `/fm unignore`\n"
    "• `/fm settings`: what this workspace chose; its admins change it\n"
    "• `/fm help`: this\n"
    "In a thread, where Slack takes no commands, mention me with your question.\n"
    "You see only files from channels that you and I are both in. "
    "To have a channel's files indexed, invite me to it."
)

STAGE_WORDS = {
    Stage.ACCEPT: "waiting",
    Stage.DOWNLOAD: "downloading",
    Stage.EXTRACT: "reading",
    Stage.EMBED: "embedding",
    Stage.INDEX: "indexing",
}


def escape(text: str) -> str:
    """Make text inert in mrkdwn and `text`: Slack's three characters (docs: formatting text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def display_name(name: str, limit: int = MAX_NAME_CHARS) -> str:
    """A file's name on one line, without control or direction characters, at most `limit` long."""
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp", "Cs"} else " " for c in name)
    clean = " ".join(kept.split()) or "untitled"
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def count(number: int, noun: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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


def search_result(result: SearchResult) -> dict[str, Any]:
    """`text` and `blocks` of an answer to `/fm search`."""
    asked = display_name(result.query.text)
    if not result.passages:
        return _nothing_found(asked, result)
    head = f"{count(len(result.passages), 'passage')} for “{asked}”"
    blocks = [plain_section(head)]
    budget = MAX_MESSAGE_CHARS - len(head) - sum(map(len, result.notes))
    for number, passage in enumerate(result.passages, start=1):
        entry = [_passage(number, passage), _source(passage)]
        budget -= _characters(entry)
        if budget < 0 or len(blocks) + len(entry) > MAX_BLOCKS - len(result.notes):
            break
        blocks += entry
    blocks += [_note(note) for note in result.notes]
    titles = "; ".join(
        f"[{n}] {display_name(p.title)} p. {p.page}" for n, p in enumerate(result.passages, start=1)
    )
    return {"text": escape(f"{head}: {titles}")[:MAX_SECTION_CHARS], "blocks": blocks}


def status_report(report: StatusReport, note: str | None, *, now: float) -> dict[str, Any]:
    """`text` and `blocks` of an answer to `/fm status`."""
    documents = report.documents
    parts = [f"{report.counts.get(status, 0):,} {status}" for status in Status]
    head = "Files you can search: " + ", ".join(parts)
    blocks = [plain_section(head)]
    for document in documents[:MAX_STATUS_DOCUMENTS]:
        when = _when(document, report.queue_places.get(document.id), now)
        blocks.append(plain_section(f"{status_line(document)} ({when})"))
    if note:
        blocks.append(_note(note))
    elif not documents:
        blocks.append(_note("Nothing yet. Invite me to a channel and share a file there."))
    return {"text": escape(head), "blocks": blocks}


def help_reply(unknown: str | None = None) -> dict[str, Any]:
    """`text` and `blocks` of the help; names the word that was not understood."""
    text = HELP if unknown is None else f"I don't know “{escape(unknown)}”.\n{HELP}"
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


def words(text: str) -> dict[str, Any]:
    """A plain sentence as a reply: nothing in it is markup but `code`."""
    escaped = escape(text)[:MAX_SECTION_CHARS]
    return {"text": escaped, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": escaped}}]}


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


def plain_section(text: str) -> Block:
    """A section in which nothing is markup."""
    shown = text[:MAX_SECTION_CHARS]
    return {"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text[:2_000], "emoji": False}]}


def _passage(number: int, passage: Passage) -> Block:
    """Title as a link, page, and the quote with the matched words bold."""
    title = display_name(passage.title, MAX_TITLE_CHARS)
    bold = {"bold": True}
    link: Block = (
        {"type": "link", "url": passage.permalink, "text": title, "style": bold}
        if passage.permalink
        else {"type": "text", "text": title, "style": bold}
    )
    label = f" ({passage.label})" if passage.label and passage.label != str(passage.page) else ""
    head = [
        {"type": "text", "text": f"[{number}] "},
        link,
        {"type": "text", "text": f", p. {passage.page}{label}"},
    ]
    return {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": head},
            {"type": "rich_text_quote", "elements": list(_quote(passage))},
        ],
    }


def _quote(passage: Passage) -> Iterable[Block]:
    position = 0
    for start, end in passage.highlights:
        if start > position:
            yield {"type": "text", "text": passage.text[position:start]}
        yield {"type": "text", "text": passage.text[start:end], "style": {"bold": True}}
        position = end
    if position < len(passage.text):
        yield {"type": "text", "text": passage.text[position:]}


def _source(passage: Passage) -> Block:
    message = passage.message
    parts = []
    if message.shared_by:
        parts.append(f"shared by <@{message.shared_by}>")
    parts.append(f"in {_channel(message.channel)}")
    if message.ts:
        parts.append(_date(message.ts))
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": " · ".join(parts)}]}


def _channel(channel: ChannelId) -> str:
    return f"<#{channel}>"


def _date(ts: str) -> str:
    seconds = int(float(ts))
    fallback = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    return f"<!date^{seconds}^{{date_short_pretty}}|{fallback}>"


def _nothing_found(asked: str, result: SearchResult) -> dict[str, Any]:
    if result.notes:
        return words(" ".join(result.notes))
    if result.channels_searched == 0:
        return words("You and I share no channel yet, so there is nothing you could find. Invite me to one.")
    where = count(result.channels_searched, "channel")
    return words(
        f"Nothing about “{asked}” in the files you can see ({where} searched). "
        "Try fewer or other words; `/fm status` shows what is indexed."
    )


def _characters(blocks: Iterable[Block]) -> int:
    """The characters of text in blocks, as Slack counts them for a message."""
    total = 0
    stack: list[Any] = list(blocks)
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(value for key, value in item.items() if key not in {"type", "style"})
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, str):
            total += len(item)
    return total
