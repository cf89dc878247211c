"""What becomes of documents: told to requests that wait; and uploads that nobody needs are cleared away."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import structlog

from bot.documents.repository import Transaction
from bot.domain import DocumentId
from bot.errors import FaultMavenError

log = structlog.get_logger(__name__)

LOOK_S = 1.0
"""Another process may index it: then nobody tells us."""
CLEAR_S = 10.0


class Changes:
    """`ports.StatusListener` of the API."""

    def __init__(self, transaction: Transaction, clock: Callable[[], float] = time.time) -> None:
        self._transaction = transaction
        self._clock = clock
        self._waiting: dict[DocumentId, set[asyncio.Event]] = defaultdict(set)
        self._closing = False

    def document_changed(self, document_id: DocumentId) -> None:
        """Wake whoever waits for it."""
        for event in self._waiting.get(document_id, ()):
            event.set()

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closing = True
        for document_id in self._waiting:
            self.document_changed(document_id)

    async def next(self, document_id: DocumentId, timeout_s: float) -> bool:
        """Wait until a document changed, or may have; False when it is time to give up."""
        if timeout_s <= 0 or self._closing:
            return False
        event = asyncio.Event()
        self._waiting[document_id].add(event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(timeout_s, LOOK_S)):
                    await event.wait()
        finally:
            self._waiting[document_id].discard(event)
            if not self._waiting[document_id]:
                del self._waiting[document_id]
        return True

    async def run(self) -> None:
        """Clear away what is needed no longer, until cancelled; what fails is tried again."""
        while True:
            try:
                async with self._transaction() as tx:
                    cleared = await tx.uploads.clear(now=self._clock())
                if cleared:
                    log.info("uploads_cleared", uploads=cleared)
            except FaultMavenError as error:
                log.warning("uploads_not_cleared", cause=error.public_message)
            await asyncio.sleep(CLEAR_S)
