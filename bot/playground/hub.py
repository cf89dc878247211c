"""Tells waiters and pages that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bot.playground.model import Change

T = TypeVar("T")
MAX_QUEUED = 1000


class Hub:
    """Waiters look again after each change; pages get the changes one by one."""

    def __init__(self) -> None:
        self._tick = asyncio.Event()
        self._pages: set[asyncio.Queue[Change | None]] = set()

    def notify(self) -> None:
        """Something changed that only waiters care for."""
        self._tick.set()
        self._tick = asyncio.Event()

    def publish(self, change: Change) -> None:
        """Something changed that pages show. A page that doesn't keep up misses changes."""
        for page in self._pages:
            if page.qsize() < MAX_QUEUED:
                page.put_nowait(change)
        self.notify()

    def close(self) -> None:
        """There will be no more changes."""
        for page in self._pages:
            page.put_nowait(None)

    @contextmanager
    def page(self) -> Iterator[asyncio.Queue[Change | None]]:
        """The changes from now on; None when there will be no more."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._pages.add(queue)
        try:
            yield queue
        finally:
            self._pages.discard(queue)

    async def until(self, condition: Callable[[], T | None], timeout_s: float) -> T:
        """Wait until a condition gives something true, and return that. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not (found := condition()):
                await self._tick.wait()
            return found
