"""What replicas tell each other: that there is work, that a document was cancelled, who is to be forgotten.

A notice says what happened, never what to think of it: the rows are the truth, and whoever missed a notice
finds out by looking. The one exception is what is remembered of people's rights, which is not used while
notices aren't heard.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

import structlog

from bot.documents.repository import Transaction
from bot.errors import FaultMavenError

log = structlog.get_logger(__name__)

GATHER_S = 0.1
"""The same notice is told once in that time, however often it is given."""
RETRY_S = 1.0


class Topic(StrEnum):
    """What a notice is about, and with which words."""

    WORK = "work"
    """Something may be claimed."""
    DOCUMENT = "document"
    """A document's reply may be behind."""
    CANCEL = "cancel"
    """A document: whoever works on it does so in vain."""
    FORGET = "forget"
    """A workspace, and a person or nothing: what is known of them may be wrong."""
    STOP = "stop"
    """A question, by workspace, channel and message: nobody wants its answer any more."""
    LEFT = "left"
    """A replica ended; what it did for all is free."""


Handler = Callable[..., object]


class Notices:
    """`tell` and `on`; without `shared` there is nobody to be told.

    `hears` says whether what others tell arrives.
    """

    def __init__(self, transaction: Transaction, *, shared: bool) -> None:
        self._transaction = transaction
        self._shared = shared
        self._me = uuid.uuid4().hex
        self._handlers: dict[str, list[Handler]] = {}
        self._on_gap: list[Callable[[], None]] = []
        self._pending: dict[str, None] = {}
        self._given = asyncio.Event()
        self._sending = asyncio.Lock()
        self.hears: Callable[[], bool] = lambda: not shared

    def on(self, topic: Topic, handler: Handler) -> None:
        """Call `handler` with a notice's words when another replica gives one."""
        self._handlers.setdefault(topic, []).append(handler)

    def on_gap(self, handler: Callable[[], None]) -> None:
        """Call `handler` when notices may have been missed."""
        self._on_gap.append(handler)

    def tell(self, topic: Topic, *words: str) -> None:
        """Tell the others, soon. Whether they hear it in time is not known; see `told`."""
        if self._shared:
            self._pending[json.dumps([self._me, topic, *words])] = None
            self._given.set()

    async def told(self) -> None:
        """All that was given so far is on its way. Raises RetryLater, OperatorError, and keeps it then."""
        async with self._sending:
            notices, self._pending = self._pending, {}
            if not notices:
                return
            try:
                async with self._transaction() as tx:
                    await tx.replicas.tell(list(notices))
            except BaseException:
                self._pending = notices | self._pending
                raise

    async def run(self) -> None:
        """Tell what is given until cancelled."""
        while True:
            await self._given.wait()
            self._given.clear()
            try:
                await self.told()
            except FaultMavenError as error:
                log.warning("replicas_not_told", cause=error.public_message)
                self._given.set()
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(GATHER_S)

    def heard(self, notice: str) -> None:
        """Another replica gave this notice, or we did."""
        sender, topic, *words = json.loads(notice)
        if sender != self._me:
            for handler in self._handlers.get(topic, ()):
                handler(*words)

    def missed(self) -> None:
        """Some may not have been heard."""
        for handler in self._on_gap:
            handler()


@asynccontextmanager
async def open_notices(transaction: Transaction, shared_url: str | None) -> AsyncIterator[Notices]:
    """Notices among the replicas on a Postgres; to nobody without one."""
    notices = Notices(transaction, shared=shared_url is not None)
    if shared_url is None:
        yield notices
        return
    from bot.providers.postgres.listener import Listener  # noqa: PLC0415  # its driver is an extra

    listener = Listener(shared_url, notices.heard, notices.missed)
    notices.hears = listener.hears
    tasks = [asyncio.create_task(listener.run()), asyncio.create_task(notices.run())]
    try:
        yield notices
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
