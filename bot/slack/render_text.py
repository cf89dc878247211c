"""Render: what all replies are made of. A file's text and name are data.

They go into `rich_text` and `plain_text` elements, where nothing is markup; where markup is needed,
`escape` makes them inert. Sources of the limits: Slack's block reference; the message budget was
measured (bolt-js#2509, #2867).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain import ChannelId, Message

Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_SECTION_CHARS = 3_000
MAX_MESSAGE_CHARS = 11_000
MAX_TITLE_CHARS = 150
MAX_NAME_CHARS = 120
MAX_NAMED_CHANNELS = 10


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


def words(text: str) -> dict[str, Any]:
    """A plain sentence as a reply: nothing in it is markup but `code`."""
    escaped = escape(text)[:MAX_SECTION_CHARS]
    return {"text": escaped, "blocks": [marked_section(escaped)]}


def marked_section(text: str) -> Block:
    """A section of markup: whatever comes from outside has to be escaped before."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:MAX_SECTION_CHARS]}}


def plain_section(text: str) -> Block:
    """A section in which nothing is markup."""
    shown = text[:MAX_SECTION_CHARS]
    return {"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def note(text: str) -> Block:
    """A line below, in which nothing is markup."""
    return {"type": "context", "elements": [{"type": "plain_text", "text": text[:2_000], "emoji": False}]}


def marked_note(text: str) -> Block:
    """A line below, of markup: as `marked_section`."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text[:2_000]}]}


def titled(title: str, permalink: str | None, *, before: str = "", behind: str = "") -> Block:
    """A file's title in bold, leading to its message, between plain words; of a `rich_text` block."""
    shown: Block = {"text": display_name(title, MAX_TITLE_CHARS), "style": {"bold": True}}
    link: Block = {"type": "link", "url": permalink} | shown if permalink else {"type": "text"} | shown
    parts = [*text(before), link, *text(behind)]
    return {"type": "rich_text_section", "elements": parts}


def text(words: str) -> list[Block]:
    """Plain words in a `rich_text` block, where Slack takes no empty ones."""
    return [{"type": "text", "text": words}] if words else []


def quote(words: str, highlights: Sequence[tuple[int, int]]) -> Block:
    """Words of a file, those highlighted in bold; of a `rich_text` block."""
    elements: list[Block] = []
    position = 0
    for start, end in highlights:
        elements += text(words[position:start])
        elements += [part | {"style": {"bold": True}} for part in text(words[start:end])]
        position = end
    return {"type": "rich_text_quote", "elements": [*elements, *text(words[position:])]}


def rich_text(*elements: Block) -> Block:
    """A block of these."""
    return {"type": "rich_text", "elements": list(elements)}


def source(message: Message) -> Block:
    """Who shared it, where and when."""
    parts = [f"shared by <@{message.shared_by}>"] if message.shared_by else []
    parts.append(f"in <#{message.channel}>")
    if message.ts:
        parts.append(_date(message.ts))
    return marked_note(" · ".join(parts))


def channels_named(channels: Sequence[ChannelId], total: int) -> str:
    """`#a, #b and 3 more`, as markup."""
    named = [f"<#{channel}>" for channel in channels[:MAX_NAMED_CHANNELS]]
    others = total - len(named)
    return ", ".join(named) + (f" and {others:,} more" if others > 0 else "")


def characters(blocks: Iterable[Block]) -> int:
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


def _date(ts: str) -> str:
    seconds = int(float(ts))
    fallback = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    return f"<!date^{seconds}^{{date_short_pretty}}|{fallback}>"
