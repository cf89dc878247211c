"""Turns: whoever changes a document in an index has it alone in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from bot.domain import DocumentId, WorkspaceId


class Turns:
    """A lock for each document that somebody changes just now."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[WorkspaceId, DocumentId], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, workspace: WorkspaceId, document_id: DocumentId) -> AsyncIterator[None]:
        """Wait until nobody else changes the document, and keep others waiting until the block ends."""
        lock = self._locks.setdefault((workspace, document_id), asyncio.Lock())
        async with lock:
            yield
