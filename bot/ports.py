"""What the pipelines need from outside, as Protocols. Implementations live in `providers/`.

Every method may raise `errors.RetryLater` (try again) or `errors.OperatorError`; what else is
raised is said at the method. Arrays are numpy float32.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.domain import (
    Candidate,
    ChannelId,
    ChatCitation,
    ChatText,
    Chunk,
    DocumentId,
    EmbeddingSpace,
    Extraction,
    FileId,
    FileInfo,
    FilePage,
    Held,
    IndexedDocument,
    Job,
    Message,
    Person,
    Places,
    Prompt,
    Query,
    Scope,
    SpooledFile,
    UserId,
    WorkspaceId,
)

Vectors = npt.NDArray[np.float32]
Content = dict[str, Any]
"""What Slack shows of a message: `text` (always, it is what notifications read) and `blocks`."""
OnProgress = Callable[[int, int], Awaitable[None]]
"""Called with (done, total); total is 0 while unknown."""
OnText = Callable[[str], Awaitable[None]]
"""Called with the next piece of an answer, already fit to be shown."""


class FileSource(Protocol):
    """Where files come from: Slack, or this machine's disk for `fm index`."""

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        """Describe a file. Raises FileRejected when it is gone or not ours to read. Repeatable."""
        ...

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        """A page of the files shared in a channel, newest first; pages count from 1. Repeatable."""
        ...

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        """Stream the bytes to a new file in the folder `into`, at most the size limit.

        Raises FileRejected (too large, a login page instead of the file). Leaves nothing behind
        when it raises. Repeatable.
        """
        ...

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        """The address of a message, or None when it has none. Repeatable."""
        ...


class Extractor(Protocol):
    """Reads a file's pages and cuts them into chunks, away from the event loop."""

    async def extract(self, path: Path, name: str, mimetype: str, on_progress: OnProgress) -> Extraction:
        """Read one file. Raises FileRejected or ExtractionInterrupted. Repeatable."""
        ...


class EmbeddingProvider(Protocol):
    """Text to vectors of one space; vectors have unit length."""

    @property
    def space(self) -> EmbeddingSpace:
        """The space of every vector this provider makes."""
        ...

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed at most 96 texts. Returns shape (len(texts), dimension). Repeatable."""
        ...

    async def embed_query(self, text: str) -> Vectors:
        """Embed one question. Returns shape (dimension,). Repeatable."""
        ...


class VectorIndex(Protocol):
    """Chunks with their text and vectors, searchable by word and by meaning within a scope.

    Writes are repeatable: ids are `<document>:<generation>:<ordinal>`. A generation is visible to
    searches only after `publish`; the former one stays visible until then.
    """

    async def write(self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Store chunks with their vectors, shape (len(chunks), dimension). Not yet visible."""
        ...

    async def publish(self, document: IndexedDocument) -> None:
        """Make exactly this generation visible, in these channels, and drop every other one."""
        ...

    async def describe(self, document: IndexedDocument) -> None:
        """Replace the title and the channels of a visible document, whatever its generation.

        Nothing happens when it isn't there.
        """
        ...

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store another document's visible chunks as this one's, not yet visible; how many there are.

        Both are of the same workspace. 0 when the source isn't there. Nothing is embedded again.
        """
        ...

    async def inventory(self, workspace: WorkspaceId) -> dict[DocumentId, Held]:
        """What a workspace has in the index, to compare with the database."""
        ...

    async def delete(self, workspace: WorkspaceId, document_id: DocumentId) -> None:
        """Remove every generation of a document. Nothing happens when it isn't there."""
        ...

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        """The best chunks by words (BM25), best first, only from documents in the scope."""
        ...

    async def dense(self, scope: Scope, vector: Vectors, limit: int) -> list[Candidate]:
        """The nearest chunks by cosine, best first, only from documents in the scope."""
        ...

    async def read(
        self, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
    ) -> list[Chunk]:
        """Those chunks of one document, in reading order; none unless the scope sees that generation."""
        ...

    async def ping(self) -> None:
        """Raise when the index can't be used now."""
        ...


class ChatProvider(Protocol):
    """A chat model. What it says is not to be trusted: it may have read an instruction in a file."""

    def reply(self, prompt: Prompt) -> AsyncGenerator[ChatText | ChatCitation]:
        """Its reply as it is written. A citation may come before or after later text, or never.

        Ends, or raises RetryLater or OperatorError, within a deadline of its own; soon when the first
        word doesn't come. Not repeated once something came.
        """
        ...


class MembershipProvider(Protocol):
    """Who is where; the only source of scopes for people."""

    @property
    def names(self) -> Mapping[ChannelId, str]:
        """The names of channels as they were last told; some may be missing."""
        ...

    async def person(self, workspace: WorkspaceId, user: UserId) -> Person:
        """What somebody is in that workspace. Raises rather than guesses."""
        ...

    async def channels_of(self, workspace: WorkspaceId, user: UserId | None) -> Places:
        """The channels that this person and the bot are both in; without a person, the bot's. Raises too."""
        ...

    async def members_only(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        """Whether everybody in a channel is a full member, bots aside; False when that can't be said.

        Raises likewise.
        """
        ...

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """Drop what is cached for one person, or for the whole workspace."""
        ...


class MessageStream(Protocol):
    """One message that grows. Slack ends it after about five minutes; `edit` can still complete it."""

    ts: str | None
    """Of the message, once it is there."""

    async def append(self, text: str) -> None:
        """Add at most 12,000 characters of markdown. Not repeatable. Raises MessageRefused once it ended."""
        ...

    async def stop(self, blocks: Sequence[Content], mark: str) -> None:
        """End it, with blocks below and a mark for `find`. Raises MessageRefused when it has ended."""
        ...


class MessagePoster(Protocol):
    """Posts in channels. `content` holds `text` and `blocks`. Raises MessageRefused when it is in vain."""

    async def post(self, channel: ChannelId, thread_ts: str | None, content: Content, mark: str) -> str:
        """Post once; the new message's `ts`. Not repeatable: look for `mark` with `find` first."""
        ...

    async def find(
        self, channel: ChannelId, thread_ts: str, mark: str, *, after: str | None = None
    ) -> str | None:
        """The `ts` of our message with that mark in a thread, or None (also when we may not look).

        With `after`, a message's ts, only what is younger is looked at, and a stream of ours that was
        never stopped, and so has no mark yet, is taken for it.
        """
        ...

    async def show_status(self, channel: ChannelId, thread_ts: str, words: str) -> None:
        """Tell a thread what we are doing; "" ends it, and so does a reply. A courtesy: never raises."""
        ...

    def stream(
        self, workspace: WorkspaceId, channel: ChannelId, thread_ts: str, reader: UserId
    ) -> MessageStream:
        """A reply that is read while it is written; nothing is sent before the first words."""
        ...

    async def publish_home(self, user: UserId, blocks: Sequence[Content]) -> None:
        """Show one person the app's own page. Repeatable."""
        ...

    async def end_stream(self, channel: ChannelId, ts: str) -> None:
        """See to it that a message of ours is no open stream. Repeatable."""
        ...

    async def edit(self, channel: ChannelId, ts: str, content: Content) -> None:
        """Replace a message of ours. Repeatable."""
        ...

    async def post_ephemeral(
        self, channel: ChannelId, user: UserId, thread_ts: str | None, content: Content
    ) -> None:
        """Show a message to one person only."""
        ...


class StatusListener(Protocol):
    """Told after each committed change of a document, to bring what people see up to date."""

    def document_changed(self, document_id: DocumentId) -> None:
        """Must return at once and never raise."""
        ...


class JobStore(Protocol):
    """The durable truth behind a runner. Each call is one transaction."""

    async def recover(self) -> int:
        """Return what a dead process left half-done to the queue; the number of jobs returned."""
        ...

    async def claim(self) -> Job | None:
        """Take the oldest due job of the least busy group, or None when nothing is due."""
        ...

    async def next_due_in(self) -> float | None:
        """Seconds until the next delayed job is due, or None when none waits."""
        ...

    async def release(self, job: Job) -> None:
        """Give back a job that was cut off by our own shutdown; the attempt doesn't count."""
        ...

    async def settle(self, job: Job, error: Exception) -> None:
        """Record that a job raised: back to the queue with a delay, or given up for good."""
        ...
