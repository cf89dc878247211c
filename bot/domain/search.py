"""Searches: what is asked, what is found, and what of it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.domain.ids import ChannelId, DocumentId, Message, UserId


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A channel or a person as somebody wrote it: by `id`, by `name`, or both; what isn't known is ""."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is asked of files besides their text. All that aren't empty must hold, each by any of its values.

    `people` shared the file, `types` are words of `search.kinds`. It was shared on a day, the asker's,
    from `since` on and earlier than `before`.
    """

    channels: frozenset[Mention] = frozenset()
    people: frozenset[Mention] = frozenset()
    types: frozenset[str] = frozenset()
    since: date | None = None
    before: date | None = None

    def __bool__(self) -> bool:
        return self != NO_CONDITIONS


NO_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions as rows can be asked for them: any value of each that isn't empty or None.

    `endings` are those of file names (`pdf`), and a file is also wanted by its mimetype. `since` and
    `before` are seconds: shared from then on, and earlier than that.
    """

    people: frozenset[UserId] = frozenset()
    endings: frozenset[str] = frozenset()
    mimetypes: frozenset[str] = frozenset()
    since: float | None = None
    before: float | None = None


ANYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search. `text` is what was asked, without the quoted `phrases`' quotes; "" asks for files."""

    text: str
    phrases: tuple[str, ...] = ()
    conditions: Conditions = NO_CONDITIONS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that one retrieval channel proposes, with that channel's own score (higher is better)."""

    document_id: DocumentId
    generation: int
    ordinal: int
    page: int
    text: str
    score: float
    label: str | None = None
    heading: str = ""

    @property
    def chunk_id(self) -> str:
        """The record id, `<document>:<generation>:<ordinal>`: a repeated write overwrites itself."""
        return f"{self.document_id}:{self.generation}:{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Readable:
    """A document that SQL says the scope may read, with the share to show for it."""

    document_id: DocumentId
    generation: int
    title: str
    message: Message
    permalink: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A scored chunk as shown to a person.

    `text` is a window of the chunk; `highlights` are `(start, end)` spans in it, ascending
    and disjoint. `page` counts from 1; `score` is in 0..1 and comparable within one answer only.
    """

    document_id: DocumentId
    title: str
    page: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    score: float
    message: Message
    permalink: str | None
    label: str | None = None
    generation: int = 0
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found, best first, and in how many channels it looked.

    `id` is the note of it, by which buttons refer to it; None where it wasn't noted. `documents` are
    found instead of passages when no words were asked for, the newest first. `first` is the number of
    the first one shown, and `more` says that others follow. `nearest` are documents with titles like
    the question, where nothing was found; `channels` are those it looked in.
    """

    query: Query
    passages: tuple[Passage, ...]
    channels_searched: int
    elapsed_ms: float
    notes: tuple[str, ...] = field(default=())
    id: str | None = None
    documents: tuple[Readable, ...] = ()
    first: int = 1
    more: bool = False
    nearest: tuple[Readable, ...] = ()
    channels: tuple[ChannelId, ...] = ()
