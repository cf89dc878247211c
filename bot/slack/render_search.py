"""Render: what a search found, or where it looked in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from bot.domain import ChannelId, Conditions, Mention, Passage, Readable, SearchResult
from bot.slack.render_buttons import DIRECT_MESSAGE_PREFIX, closing_buttons, passage_buttons
from bot.slack.render_text import (
    MAX_BLOCKS,
    MAX_MESSAGE_CHARS,
    MAX_SECTION_CHARS,
    Block,
    channels_named,
    characters,
    count,
    display_name,
    escape,
    marked_note,
    marked_section,
    note,
    plain_section,
    quote,
    rich_text,
    source,
    titled,
    words,
)

SHARE_NO_CHANNEL = "You and I share no channel yet, so there is nothing you could find. Invite me to one."
TRY = "Try fewer or other words; `/fm status` shows what is indexed."
TRY_WIDER = "Try fewer conditions or other words; `/fm status` shows what is indexed."
LONGEST_CLOSING = 1_000
"""Characters of the buttons at the end."""


def search_result(
    result: SearchResult, *, channel: ChannelId | None = None, lasting: bool = False
) -> dict[str, Any]:
    """`text` and `blocks` of an answer to a search, in `channel`.

    Only what was noted has buttons; `lasting` says that the message is no ephemeral one.
    """
    if not (result.passages or result.documents):
        return _nothing_found(result)
    head = _head(result)
    opening = [plain_section(head), *_only(result.query.conditions)]
    notes = [note(words) for words in result.notes]
    budget = MAX_MESSAGE_CHARS - characters([*opening, *notes]) - LONGEST_CLOSING
    room = MAX_BLOCKS - len(opening) - len(notes) - 2
    share = channel is not None and not channel.startswith(DIRECT_MESSAGE_PREFIX)
    body: list[Block] = []
    shown = 0
    for entry in _entries(result, share=share):
        budget -= characters(entry)
        if budget < 0 or len(body) + len(entry) > room:
            break
        body += entry
        shown += 1
    seen = result.first - 1 + shown
    more = result.more or shown < len(result.passages) + len(result.documents)
    closing = closing_buttons(result.id, seen=seen if more else None, lasting=lasting) if result.id else []
    text = escape(f"{head}: {'; '.join(_titles(result))}")[:MAX_SECTION_CHARS]
    return {"text": text, "blocks": [*opening, *body, *notes, *closing]}


def nearest_titles(documents: Sequence[Readable]) -> Block:
    """The titles that a question without an answer may mean, each leading to its message."""
    lines = [titled(document.title, document.permalink, before="• ") for document in documents]
    return rich_text(*lines)


def _entries(result: SearchResult, *, share: bool) -> Iterator[list[Block]]:
    """The blocks of each passage or file, in order."""
    for rank, passage in enumerate(result.passages, start=result.first):
        buttons = [passage_buttons(result.id, rank, share=share)] if result.id else []
        yield [passage_block(passage, f"[{rank}] "), source(passage.message), *buttons]
    for rank, document in enumerate(result.documents, start=result.first):
        yield [
            rich_text(titled(document.title, document.permalink, before=f"[{rank}] ")),
            source(document.message),
        ]


def passage_block(passage: Passage, before: str = "") -> Block:
    """Title as a link, page, and the quote with the matched words bold."""
    head = titled(passage.title, passage.permalink, before=before, behind=f", {page_of(passage)}")
    return rich_text(head, quote(passage.text, passage.highlights))


def page_of(passage: Passage) -> str:
    """`p. 3`, with the printed number where it is another."""
    label = f" ({passage.label})" if passage.label and passage.label != str(passage.page) else ""
    return f"p. {passage.page}{label}"


def _titles(result: SearchResult) -> Iterator[str]:
    for rank, passage in enumerate(result.passages, start=result.first):
        yield f"[{rank}] {display_name(passage.title)} p. {passage.page}"
    for rank, document in enumerate(result.documents, start=result.first):
        yield f"[{rank}] {display_name(document.title)}"


def _head(result: SearchResult) -> str:
    number = len(result.passages) + len(result.documents)
    last = result.first + number - 1
    if result.documents:
        behind = ", the last shared first"
        return (count(number, "file") if result.first == 1 else f"Files {result.first} to {last}") + behind
    asked = display_name(result.query.text)
    if result.first == 1:
        return f"{count(number, 'passage')} for “{asked}”"
    return f"Passages {result.first} to {last} for “{asked}”"


def _only(conditions: Conditions) -> list[Block]:
    """The conditions as they were understood."""
    parts = list(_conditions(conditions))
    return [marked_note("Only " + " · ".join(parts))] if parts else []


def _conditions(conditions: Conditions) -> Iterator[str]:
    if conditions.channels:
        yield "in " + ", ".join(_mention("#", one) for one in sorted(conditions.channels))
    if conditions.people:
        yield "from " + ", ".join(_mention("@", one) for one in sorted(conditions.people))
    if conditions.types:
        yield "of type " + " or ".join(sorted(conditions.types))
    last = conditions.before and conditions.before - timedelta(days=1)
    if conditions.since and last:
        on_one = conditions.since == last
        yield f"shared on {last}" if on_one else f"shared from {conditions.since} to {last}"
    elif conditions.since:
        yield f"shared from {conditions.since} on"
    elif conditions.before:
        yield f"shared before {conditions.before}"


def _mention(sign: str, mention: Mention) -> str:
    return f"<{sign}{mention.id}>" if mention.id else escape(f"{sign}{mention.name}")


def _nothing_found(result: SearchResult) -> dict[str, Any]:
    if result.channels_searched == 0:
        return words(" ".join(result.notes) or SHARE_NO_CHANNEL)
    if result.first > 1:
        return words("There are no further results.")
    asked, where = display_name(result.query.text), count(result.channels_searched, "channel")
    what = f"Nothing about “{asked}” in" if result.query.text else "No file fulfils these conditions among"
    head = f"{what} the files you can see ({where} searched)."
    blocks = [marked_section(escape(head)), *_only(result.query.conditions)]
    if result.channels:
        blocks.append(marked_note(f"Searched: {channels_named(result.channels, result.channels_searched)}"))
    if result.nearest:
        blocks += [note("Titles that are like it:"), nearest_titles(result.nearest)]
    advice = TRY_WIDER if result.query.conditions else TRY
    blocks += [marked_section(advice), *(note(words) for words in result.notes)]
    return {"text": f"{escape(head)} {advice}", "blocks": blocks}
