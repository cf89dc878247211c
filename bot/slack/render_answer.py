"""Answers → what Slack shows. Pure. Text from files is data: nothing in it is markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain import Answer, Citation, Outcome, Readable
from bot.ports import Content
from bot.slack import render
from bot.slack.render_buttons import source_buttons
from bot.slack.render_text import note

MAX_TEXT_CHARS = 3_000
MAX_QUOTE_CHARS = 240


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to stand in a thread in the end: `words` in Markdown, and `below` them blocks."""

    words: str
    below: Sequence[Content] = ()

    @property
    def content(self) -> Content:
        """The whole as one message."""
        words = self.words[:MAX_TEXT_CHARS]
        return {"text": words, "blocks": [{"type": "markdown", "text": words}, *self.below]}


def answer_reply(answer: Answer, *extra: str, lasting: bool = True) -> Reply:
    """An answer with its numbered sources, what is missing, what else there is to say, and buttons.

    `lasting` says that it is no ephemeral message.
    """
    quoted = answer.outcome is Outcome.QUOTED  # then its text is the quotes
    below = [_source(citation, with_quote=not quoted) for citation in answer.citations]
    if answer.nearest:
        below.append(note("Nearest: " + "; ".join(_titles(answer.nearest))))
    sources = len(answer.citations)
    buttons = source_buttons(answer.id, sources, lasting=lasting) if sources else []
    return Reply(answer.text, [*below, *(note(words) for words in (*answer.notes, *extra)), *buttons])


def _titles(documents: Iterable[Readable]) -> Iterator[str]:
    return (render.display_name(document.title) for document in documents)


def _source(citation: Citation, *, with_quote: bool) -> Content:
    """`[1] title, p. 3`, the title leading to the message, and the words that are cited."""
    title = render.display_name(citation.title)
    link: Content = (
        {"type": "link", "url": citation.permalink, "text": title}
        if citation.permalink
        else {"type": "text", "text": title}
    )
    label = f" ({citation.label})" if citation.label and citation.label != str(citation.page) else ""
    head = [
        {"type": "text", "text": f"[{citation.number}] "},
        link,
        {"type": "text", "text": f", p. {citation.page}{label}"},
    ]
    elements: list[Content] = [{"type": "rich_text_section", "elements": head}]
    if with_quote:
        quote = " ".join(citation.quote.split())
        shown = quote if len(quote) <= MAX_QUOTE_CHARS else f"{quote[: MAX_QUOTE_CHARS - 1]}…"
        elements.append({"type": "rich_text_quote", "elements": [{"type": "text", "text": shown}]})
    return {"type": "rich_text", "elements": elements}
