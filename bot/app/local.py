"""The same pipelines on this machine's own files, for the command line."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app.core import Core, open_core, open_database
from bot.app.replicas import open_replicas
from bot.documents.tables import Document
from bot.domain import (
    LOCAL_CHANNEL,
    LOCAL_WORKSPACE,
    NO_MESSAGE_TS,
    UNDER_WAY,
    DocumentId,
    FileId,
    Message,
    Scope,
    SearchResult,
    Status,
)
from bot.providers.local.files import LocalFiles
from bot.search.access import Access
from bot.search.parse import parse_query
from bot.settings import Settings
from bot.settings.secrets import plain

SCOPE = Scope(LOCAL_WORKSPACE, frozenset({LOCAL_CHANNEL}))
MESSAGE = Message(LOCAL_CHANNEL, NO_MESSAGE_TS)

OnDocument = Callable[[Document], None]
"""Told of each change of a document: its stage, its progress, its verdict."""


class _Changes:
    """`ports.StatusListener` that remembers which documents changed."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()
        self._changed: set[DocumentId] = set()

    def document_changed(self, document_id: DocumentId) -> None:
        self._changed.add(document_id)
        self._happened.set()

    async def next(self) -> set[DocumentId]:
        """Wait for a change; what changed since the last call."""
        await self._happened.wait()
        self._happened.clear()
        changed, self._changed = self._changed, set()
        return changed


@dataclass(frozen=True, slots=True)
class Local:
    """Index and search this machine's files."""

    core: Core
    changes: _Changes

    async def index(self, paths: Sequence[Path], on_document: OnDocument) -> list[Document]:
        """Index files; their documents with a final status, in the order of `paths`. Repeatable.

        A file whose bytes are indexed already is left as it is.
        """
        ids = [await self._accept(path) for path in map(Path.absolute, paths)]
        runner = asyncio.create_task(self.core.runner.run())
        waiting = await self._under_way(set(ids), on_document)
        try:
            while waiting:
                changed = await self.changes.next()
                waiting -= changed - await self._under_way(changed & waiting, on_document)
        finally:
            self.core.runner.stop()
            await runner
        return [await self._document(document_id) for document_id in ids]

    async def reembed(self) -> None:
        """Embed anew what is in another model's space, if there is any, and drop its former vectors."""
        for _ in range(2):
            await self.core.reembedder.look()

    async def search(self, query: str, limit: int) -> SearchResult:
        """The best passages of this machine's files. Raises QueryRejected."""
        return await self.core.search.search(
            Access(SCOPE), parse_query(query), asker="cli", surface="cli", limit=limit
        )

    async def _accept(self, path: Path) -> DocumentId:
        file_id = FileId(str(path))
        accepted = await self.core.ingest.accept(LOCAL_WORKSPACE, file_id, MESSAGE)
        if accepted.status in UNDER_WAY:
            return accepted.document_id
        document = await self._document(accepted.document_id)
        unchanged = document.content_hash == await asyncio.to_thread(_content_hash, path)
        if not (unchanged and accepted.status is Status.INDEXED):
            async with self.core.database.transaction() as tx:
                await tx.documents.requeue(accepted.document_id, now=self.core.ingest.clock())
        return accepted.document_id

    async def _under_way(self, ids: set[DocumentId], on_document: OnDocument) -> set[DocumentId]:
        async with self.core.database.transaction(reading=True) as tx:
            documents = await tx.documents.get_all(ids)
        for document in documents:
            on_document(document)
        return {DocumentId(document.id) for document in documents if document.status in UNDER_WAY}

    async def _document(self, document_id: DocumentId) -> Document:
        async with self.core.database.transaction(reading=True) as tx:
            document = await tx.documents.get(document_id)
        if document is None:
            raise LookupError(document_id)
        return document


@asynccontextmanager
async def local(settings: Settings, *, read_only: bool = False) -> AsyncIterator[Local]:
    """Open the data folder for this machine's files; `read_only` works beside a running bot."""
    changes = _Changes()
    files = LocalFiles(max_bytes=settings.max_file_bytes)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings, read_only=read_only))
        replicas = None
        if not read_only:
            replicas = await stack.enter_async_context(open_replicas(database, plain(settings.database_url)))
        core = await stack.enter_async_context(
            open_core(
                settings,
                database,
                sources=lambda _: files,
                status=changes,
                only_workspace=LOCAL_WORKSPACE,
                replicas=replicas,
            )
        )
        yield Local(core, changes)


def _content_hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None  # the pipeline says why it can't be read
