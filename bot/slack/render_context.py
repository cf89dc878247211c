"""Render: a passage by itself, with what stands around it, or for everyone in a channel."""

from __future__ import annotations

from typing import Any

from bot.domain import Passage, UserId
from bot.search.context import Context
from bot.slack.render_buttons import passage_buttons
from bot.slack.render_search import page_of, passage_block
from bot.slack.render_text import (
    Block,
    display_name,
    escape,
    marked_note,
    quote,
    rich_text,
    source,
    text,
    titled,
)

MAX_PASSAGE_CHARS, MAX_AROUND_CHARS = 4_000, 3_000
"""Of each of the three parts, so that the whole stays below what a message may hold."""


def passage_in_context(context: Context, rank: int) -> dict[str, Any]:
    """`text` and `blocks`: the passage as a quote between the text before and after it on its page."""
    passage = context.passage
    head = titled(passage.title, passage.permalink, before=f"[{rank}] ", behind=f", {page_of(passage)}")
    shown = passage.text[:MAX_PASSAGE_CHARS]
    bold = [(start, min(end, len(shown))) for start, end in passage.highlights if start < len(shown)]
    before, after = _tail(context.before), _head(context.after)
    elements = [head, *_section(before), quote(shown, bold), *_section(after)]
    said = f"[{rank}] {display_name(passage.title)} p. {passage.page}"
    return {"text": escape(said), "blocks": [rich_text(*elements), source(passage.message)]}


def shared_passage(passage: Passage, by: UserId, search_id: str, rank: int) -> dict[str, Any]:
    """`text` and `blocks` of a passage that somebody shows to a whole channel."""
    said = f"{display_name(passage.title)} p. {passage.page}"
    blocks = [
        marked_note(f"<@{by}> shares a passage"),
        passage_block(passage),
        source(passage.message),
        passage_buttons(search_id, rank, share=False),
    ]
    return {"text": f"<@{by}> shares a passage: {escape(said)}", "blocks": blocks}


def _section(words: str) -> list[Block]:
    return [{"type": "rich_text_section", "elements": text(words)}] if words else []


def _tail(words: str) -> str:
    """The end of a text, from the beginning of a word on."""
    if len(words) <= MAX_AROUND_CHARS:
        return words.strip()
    return "…" + words[-MAX_AROUND_CHARS:].partition(" ")[2].rstrip()


def _head(words: str) -> str:
    """The beginning of a text, up to the end of a word."""
    if len(words) <= MAX_AROUND_CHARS:
        return words.strip()
    return words[:MAX_AROUND_CHARS].rpartition(" ")[0].lstrip() + "…"
