"""Answers: what a chat model is asked, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import DocumentId, Message
from bot.domain.search import Query, Readable


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question asked before in the same thread, and our answer, empty where it isn't known.

    The answer may go into a prompt: give it only where whoever asks now saw it, too.
    """

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a chat model may cite: its `number`, from 1, is what it is cited by."""

    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is asked: our instructions, the talk so far, the question, and what it may cite.

    `max_tokens` bounds the reply. `history` is oldest first.
    """

    instructions: str
    question: str
    history: tuple[Exchange, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    max_tokens: int = 1_000


@dataclass(frozen=True, slots=True)
class ChatText:
    """The next piece of a reply. It may hold citations of its own, as `[n]`."""

    text: str


@dataclass(frozen=True, slots=True)
class ChatCitation:
    """The reply's characters from `start` up to `end`, counted over all its pieces, cite these excerpts."""

    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of an answer: `number` is its `[n]` in the text; `quote` stands on that page, word for word.

    `highlights` are `(start, end)` spans in the quote, ascending and disjoint.
    """

    number: int
    document_id: DocumentId
    generation: int
    ordinal: int
    title: str
    page: int
    label: str | None
    quote: str
    highlights: tuple[tuple[int, int], ...]
    message: Message
    permalink: str | None

    @property
    def chunk_id(self) -> str:
        """The record id of the chunk that holds the quote."""
        return f"{self.document_id}:{self.generation}:{self.ordinal}"


class Outcome(StrEnum):
    """What kind of answer it is: a model's own words, the passages' words, or none."""

    WRITTEN = "written"
    QUOTED = "quoted"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer fit to be shown to whoever the access was for.

    `text` is at most 3,000 characters of Markdown: paragraphs, lists, `**bold**`, `code` and `[n]`. There
    is no link, no mention and no angle bracket in it, and each `[n]` is a citation's number. `query` is
    what was searched for, a follow-up made whole. `nearest` are documents to look at where nothing was
    found. `notes` tell people what is missing. `id` is that of its row in the search log, for votes.
    """

    id: str
    outcome: Outcome
    text: str
    citations: tuple[Citation, ...]
    query: Query
    channels_searched: int
    elapsed_ms: float
    nearest: tuple[Readable, ...] = ()
    notes: tuple[str, ...] = ()
