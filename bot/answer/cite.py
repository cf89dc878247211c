"""Cite: statements with their sources → an answer's text, numbered as its reader meets them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.answer.gather import Evidence
from bot.answer.sentences import Span
from bot.domain import Citation, Query
from bot.search.snippet import snippet

MAX_TEXT_CHARS = 3_000
"""Slack takes so much in one section; nobody reads more."""
MAX_CITATIONS = 8
MAX_QUOTE_CHARS = 400


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch of a passage."""

    evidence: Evidence
    span: Span

    @property
    def chunk_id(self) -> str:
        """The passage's record id."""
        return self.evidence.candidate.chunk_id

    @property
    def quote(self) -> str:
        """Its words."""
        return self.evidence.candidate.text[slice(*self.span)][:MAX_QUOTE_CHARS]


@dataclass(frozen=True, slots=True)
class Statement:
    """What an answer says, inert, after a gap ("", " ", or line feeds), and where each source says it."""

    gap: str
    text: str
    sources: tuple[Source, ...]


@dataclass(slots=True)
class Written:
    """An answer in the making: grows by statements, and numbers their sources."""

    text: str = ""
    sources: dict[str, Source] = field(default_factory=dict)
    full: bool = False

    def add(self, statement: Statement) -> str:
        """The piece of text that this statement adds; "" when there is no room for it any more."""
        new = {one.chunk_id: one for one in statement.sources}
        known = self.sources | {name: one for name, one in new.items() if name not in self.sources}
        numbers = sorted(list(known).index(name) + 1 for name in new)
        marks = "".join(f"[{number}]" for number in numbers)
        piece = f"{statement.gap if self.text else ''}{statement.text} {marks}"
        if len(self.text) + len(piece) > MAX_TEXT_CHARS or len(known) > MAX_CITATIONS:
            self.full = True
            return ""
        self.text += piece
        self.sources = known
        return piece

    def citations(self, query: Query) -> tuple[Citation, ...]:
        """The sources by number."""
        return tuple(_citation(number, one, query) for number, one in enumerate(self.sources.values(), 1))


def _citation(number: int, source: Source, query: Query) -> Citation:
    candidate, document = source.evidence.candidate, source.evidence.document
    quote, highlights = snippet(source.quote, query, max_chars=MAX_QUOTE_CHARS)
    return Citation(
        number=number,
        document_id=candidate.document_id,
        generation=candidate.generation,
        ordinal=candidate.ordinal,
        title=document.title,
        page=candidate.page,
        label=candidate.label,
        quote=quote,
        highlights=highlights,
        message=document.message,
        permalink=document.permalink,
    )
