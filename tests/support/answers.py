"""Answers over texts that are indexed for real: chunked, embedded, in SQL and in the embedded index."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.answer.pipeline import AnswerPipeline
from bot.database import Database
from bot.domain import (
    Answer,
    ChannelId,
    ChatCitation,
    ChatText,
    DocumentId,
    Exchange,
    FileId,
    FileInfo,
    IndexedDocument,
    Message,
    Page,
    Prompt,
    Scope,
    WorkspaceId,
)
from bot.ingest.chunk import chunk
from bot.ingest.index import index
from bot.ingest.queue import DocumentQueue
from bot.ports import ChatProvider
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.search.access import Access
from bot.search.pipeline import SearchPipeline
from support.tables import sqlite_in
from support.world import Nobody

TEAM = WorkspaceId("T1")
OPS, FINANCE = ChannelId("COPS"), ChannelId("CFINANCE")


@dataclass
class Scripted:
    """A chat provider that says what it is told to; `prompts` are what it was asked."""

    says: Callable[[Prompt], Sequence[Any]]
    prompts: list[Prompt] = field(default_factory=list)

    async def reply(self, prompt: Prompt) -> AsyncGenerator[ChatText | ChatCitation]:
        self.prompts.append(prompt)
        for event in self.says(prompt):
            if isinstance(event, Exception):
                raise event
            yield ChatText(event) if isinstance(event, str) else event


def saying(*events: Any) -> Scripted:  # noqa: ANN401  # words, citations, or what is raised
    return Scripted(lambda _prompt: events)


@dataclass
class Shelf:
    """Texts by file name, in a channel each; `ask` answers over those of some channels."""

    search: SearchPipeline
    ids: dict[str, DocumentId] = field(default_factory=dict)

    async def put(self, name: str, text: str, channel: ChannelId = OPS) -> None:
        """Index a text; form feeds begin pages."""
        async with self.search.transaction() as tx:
            accepted = await tx.documents.accept(
                TEAM, FileId(name), Message(channel, "1.0", shared_by="U1"), now=0.0
            )
        if job := await DocumentQueue(self.search.transaction, Nobody()).claim():
            async with self.search.transaction() as tx:
                await tx.documents.describe(job, _info(name), now=0.0)
        document = IndexedDocument(TEAM, accepted.document_id, 1, name, frozenset({channel}))
        pages = [Page(number, page) for number, page in enumerate(text.split("\f"), start=1)]
        chunks = list(chunk(pages, "markdown" if name.endswith(".md") else "prose"))
        vectors = await self.search.embeddings.embed_documents([one.text for one in chunks])
        await index(self.search.index, document, chunks, vectors, _silent)
        self.ids[name] = accepted.document_id

    async def put_all(self, texts: Mapping[str, str], channel: ChannelId = OPS) -> None:
        for name, text in texts.items():
            await self.put(name, text, channel)

    async def ask(
        self,
        question: str,
        *before: str,
        chat: ChatProvider | None = None,
        channels: Sequence[ChannelId] = (OPS,),
        **more: Any,  # noqa: ANN401  # of AnswerPipeline.answer
    ) -> Answer:
        access = Access(Scope(TEAM, frozenset(channels)))
        history = [Exchange(one) for one in before]
        pipeline = AnswerPipeline(self.search, chat)
        return await pipeline.answer(access, question, history, asker="U1", surface="direct", **more)


@asynccontextmanager
async def shelf(folder: Path) -> AsyncIterator[Shelf]:
    path = folder / "state.db"
    embeddings = LocalEmbeddingProvider()
    database = await Database.open(sqlite_in(folder), lock_dir=folder)
    try:
        async with LocalIndex(path, embeddings.space) as local:
            yield Shelf(SearchPipeline(database.transaction, local, embeddings))
    finally:
        await database.close()
        await embeddings.close()


def _info(name: str) -> FileInfo:
    return FileInfo(FileId(name), name, name, "text/plain", 1, "hosted", None, None, None)


async def _silent(_done: int, _total: int) -> None:
    """Nobody looks on."""
