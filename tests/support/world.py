"""The write path on a real database and the embedded index, with a Slack that is a few values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np

from bot.database import Database
from bot.documents.replicas import ALONE
from bot.domain import (
    ChannelId,
    Chunk,
    DocumentId,
    EmbeddingSpace,
    Extraction,
    FileId,
    FileInfo,
    FilePage,
    Message,
    Query,
    Scope,
    SpooledFile,
    WorkspaceId,
)
from bot.errors import FileRejected
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.queue import DocumentQueue
from bot.ingest.upkeep import Upkeep
from bot.ports import OnProgress, VectorIndex, Vectors
from bot.providers.spool import SpoolWriter


@dataclass
class Truth:
    """What Slack has in the end."""

    channels: dict[str, set[ChannelId]] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def happen(self, file: str, step: str) -> None:
        channels = self.channels.setdefault(file, set())
        match step.split():
            case ["share", channel]:
                channels.add(ChannelId(channel))
            case ["unshare", channel]:
                channels.discard(ChannelId(channel))
            case ["change"]:
                self.text[file] = f"edited words of {file}"
            case _:
                self.deleted.add(file)

    def visible(self) -> dict[str, tuple[frozenset[ChannelId], str]]:
        """The files that can be found, where, and by which words."""
        return {
            file: (frozenset(channels), self.words(file))
            for file, channels in self.channels.items()
            if channels and file not in self.deleted
        }

    def words(self, file: str) -> str:
        return self.text.get(file, f"first words of {file}")


class Source:
    """Slack, as it is when everything has happened."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        del workspace
        if file_id in self.truth.deleted:
            raise FileRejected("deleted", "the file was deleted")
        messages = tuple(Message(channel, "1.0") for channel in sorted(self.truth.channels[file_id]))
        size = len(self.truth.words(file_id))
        return FileInfo(file_id, file_id, file_id, "text/plain", size, "hosted", None, "x:", None, messages)

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        raise NotImplementedError

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        del workspace
        spool = SpoolWriter(into, 1_000_000)
        spool.write(self.truth.words(info.file_id).encode())
        return spool.finish()

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        del workspace, message
        return "https://acme.slack.com/archives/C1/p1"


class OneChunk:
    """An extractor and an embedding provider that take a file's text as it is."""

    space = EmbeddingSpace("ones", 4)

    def __init__(self) -> None:
        self.embedded = 0

    async def extract(self, path: Path, name: str, mimetype: str, on_progress: OnProgress) -> Extraction:
        del name, mimetype, on_progress
        text = path.read_text()
        return Extraction(1, (Chunk(0, 1, 0, len(text), text),))

    async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
        del group
        self.embedded += len(texts)
        return np.full((len(texts), 4), 0.5, dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        return (await self.embed_documents([text]))[0]


class Nobody:
    """Nobody looks at the replies."""

    def document_changed(self, document_id: DocumentId) -> None:
        del document_id


async def nothing(_document_id: DocumentId) -> None:
    """No job runs while events are handled here."""


class World:
    """The write path on a real database and index, with a clock of its own.

    Of several that share their work each has the same `team`; `holder` is in whose name one claims.
    """

    def __init__(
        self,
        database: Database,
        index: VectorIndex,
        folder: Path,
        truth: Truth,
        *,
        team: WorkspaceId | None = None,
        holder: Callable[[], str | None] = lambda: ALONE,
    ) -> None:
        self.now = 1e9
        self.team = team or WorkspaceId(uuid4().hex)
        source, self.embeddings = Source(truth), OneChunk()
        one = self.embeddings
        self.index, self.truth = index, truth
        self.ingest = IngestPipeline(
            transaction=database.transaction, sources=lambda _: source, extractor=one, embeddings=one,
            index=index, status=Nobody(), wake_runner=lambda: None, cancel_job=nothing, spool=folder,
            max_file_bytes=1_000_000, clock=lambda: self.now,
        )  # fmt: skip
        self.queue = DocumentQueue(
            database.transaction, Nobody(), clear=index.delete, only_workspace=self.team, holder=holder,
            clock=lambda: self.now,
        )  # fmt: skip

    async def event(self, file: str, step: str) -> None:
        """What a listener does for one event."""
        file_id = FileId(file)
        match step.split():
            case ["share", channel]:
                await self.ingest.accept(self.team, file_id, Message(ChannelId(channel), "1.0"))
            case ["unshare", channel]:
                await self.ingest.remove_share(self.team, file_id, ChannelId(channel))
            case ["change"]:
                await self.ingest.change_file(self.team, file_id)
            case _:
                await self.ingest.remove_file(self.team, file_id)

    async def work(self) -> None:
        """Perform what is due."""
        while job := await self.queue.claim():
            await self.ingest.perform(job)

    async def come_to_rest(self) -> None:
        """As after some minutes without events."""
        for _ in range(3):
            self.now += 100.0
            await self.work()
            await Upkeep(self.ingest, purge_after_s=1e9).sweep()
        await self.work()

    async def visible(self) -> dict[str, tuple[frozenset[ChannelId], str]]:
        """The files that can be found, where, and by which words."""
        found: dict[str, tuple[frozenset[ChannelId], str]] = {}
        held = await self.index.inventory(self.team)
        async with self.ingest.transaction() as tx:
            for document_id, of_it in held.items():
                document = await tx.documents.get(document_id)
                assert document is not None
                assert document.tombstoned_at is None
                assert of_it.strays == 0
                candidates = await self.index.keyword(Scope(self.team, of_it.channels), Query("words"), 20)
                [text] = [c.text for c in candidates if c.document_id == document_id]
                found[document.file_id] = (of_it.channels, text)
        return found
