"""Frozen values that every layer speaks in. No I/O, no vendor, no SQL.

Times are seconds since the epoch (UTC) as `float`; Slack message ids (`ts`) stay strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
ChannelId = NewType("ChannelId", str)
UserId = NewType("UserId", str)
FileId = NewType("FileId", str)
DocumentId = NewType("DocumentId", str)

LOCAL_WORKSPACE = WorkspaceId("local")
LOCAL_CHANNEL = ChannelId("local")


class Status(StrEnum):
    """What became of a document."""

    PENDING = "pending"
    PROCESSING = "processing"
    INDEXED = "indexed"
    FAILED = "failed"


class Stage(StrEnum):
    """The ingest verb that a document is in; chunking happens while extracting."""

    ACCEPT = "accept"
    DOWNLOAD = "download"
    EXTRACT = "extract"
    EMBED = "embed"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Scope:
    """What one asker may read: a workspace and some of its channels.

    The first argument of every read. An empty `channels` reads nothing; there is no
    value that means "everything". `documents`, where there are any, narrows it to these: what is
    left of it by conditions that the asker made.
    """

    workspace: WorkspaceId
    channels: frozenset[ChannelId]
    documents: frozenset[DocumentId] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Where a file appears: one message of one channel; `ts` is None until Slack tells it."""

    channel: ChannelId
    ts: str | None = None
    thread_ts: str | None = None
    shared_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file as its source describes it before a byte is downloaded.

    `mode` is Slack's (`hosted`, `snippet`, `external`, `tombstone`, `hidden_by_limit`, …).
    `size` is in bytes. `messages` lists the shares that the source knows of,
    `messages_complete` says whether it named all of them.
    `channels` are those it is shared in, also where no message is known. `created` is to the second.
    """

    file_id: FileId
    name: str
    title: str
    mimetype: str
    size: int
    mode: str
    uploader: UserId | None
    download_url: str | None
    permalink: str | None
    messages: tuple[Message, ...] = ()
    messages_complete: bool = True
    channels: frozenset[ChannelId] = frozenset()
    created: float | None = None


@dataclass(frozen=True, slots=True)
class FilePage:
    """One page of a listing of files; `pages` is how many there are now, `total` how many files."""

    files: tuple[FileInfo, ...]
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A downloaded file on this machine's disk; whoever asked for it deletes it."""

    path: Path
    size: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, slide or sheet of a document: `number` counts from 1, `label` is the printed one.

    `kind` is what it is a page of, where that isn't the document itself but a file within it.
    """

    number: int
    text: str
    label: str | None = None
    heading: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of one page: `text == page.text[start:end]`, in code points."""

    ordinal: int
    page: int
    start: int
    end: int
    text: str
    label: str | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that a file gave: its page count and its chunks in reading order.

    `partial` says in words why some of the file is missing (a limit was reached), or is None.
    """

    pages: int
    chunks: tuple[Chunk, ...]
    partial: str | None = None


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Vectors are comparable only within one space.

    `floor` is the cosine below which nearness says nothing: unrelated texts are as near.
    """

    name: str
    dimension: int
    floor: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """What the index knows of a document besides its chunks."""

    workspace: WorkspaceId
    document_id: DocumentId
    generation: int
    title: str
    channels: frozenset[ChannelId]


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of one document: its visible generation (None: none yet), its chunks, its channels.

    `chunks` counts the visible generation's; `strays` counts chunks of other generations.
    """

    generation: int | None
    chunks: int
    channels: frozenset[ChannelId]
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search. `text` is what was asked, without the quoted `phrases`' quotes."""

    text: str
    phrases: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a task. `token` fences its writes; `attempt` counts from 1."""

    key: str
    group: str
    token: str
    attempt: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found, best first, and in how many channels it looked."""

    query: Query
    passages: tuple[Passage, ...]
    channels_searched: int
    elapsed_ms: float
    notes: tuple[str, ...] = field(default=())


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
