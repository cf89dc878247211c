"""One child reading one file: what it has said so far, within what a file may cost its parent."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.domain import Chunk, Extraction
from bot.ingest.extract.child_process import Child, ChildDied
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.messages import (
    Batch,
    Done,
    Failed,
    Message,
    Opened,
    OutOfMemory,
    PartBegins,
    Rejected,
)
from bot.ports import OnProgress

OVERLAP_FACTOR = 4
"""Chunks repeat text; honest ones never so much."""
MAX_CHUNKS = 100_000


class Attempt:
    """`verdict` is None until the child has come to one; `died` says how it ended without.

    `part` is the one that it was at last; None in a file without parts.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._characters = 0
        self.chunks: list[Chunk] = []
        self.done = self.total = 0
        self.readers = 1
        self.part: int | None = None
        self.verdict: Done | Rejected | None = None
        self.died: str | None = None

    async def run(self, child: Child, request: dict[str, Any], on_progress: OnProgress) -> None:
        """Ask and listen until the verdict. Raises ChildDied, and whatever `on_progress` raises.

        Time that `on_progress` takes is not the file's and doesn't count.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.wall_s
        try:
            child.ask(request)
            while self.verdict is None:
                async with asyncio.timeout_at(deadline):
                    message = await child.receive()
                await asyncio.sleep(0)  # many small messages must not keep the loop to themselves
                if self._note(message):
                    before = loop.time()
                    await on_progress(self.done, self.total)
                    deadline += loop.time() - before
        except TimeoutError:
            raise ChildDied("timeout", "wall") from None

    def so_far(self, reason: str) -> Extraction:
        """What was read before the child died."""
        pages = f"{self.done:,} of {self.total:,} pages" if self.total else f"{self.done:,} pages"
        return Extraction(self.done, tuple(self.chunks), f"only the first {pages} were read: {reason}")

    def _note(self, message: Message) -> bool:
        """Take a message in; whether there is progress to report. Raises ChildDied for a lie."""
        match message:
            case Opened():
                self.readers = message.readers
            case PartBegins():
                self._begin(message.number)
            case Batch():
                self._add(message)
                return True
            case OutOfMemory():
                raise ChildDied("memory", "it said so")
            case Failed():
                raise ChildDied("crash", message.where)
            case Done() | Rejected():
                self.verdict = message
        return False

    def _begin(self, part: int) -> None:
        """Raises ChildDied when a part begins again."""
        if self.part is not None and part <= self.part:
            raise ChildDied("crash", "it sent what no file holds")
        self.part = part

    def _add(self, batch: Batch) -> None:
        """Take chunks in. Raises ChildDied for more than a file can hold, or none and no progress."""
        first, count = len(self.chunks), len(self.chunks) + len(batch.chunks)
        characters = self._characters + sum(len(chunk.text) for chunk in batch.chunks)
        honest = (
            [chunk.ordinal for chunk in batch.chunks] == list(range(first, count))
            and (count > first or batch.done > self.done)
            and batch.done <= self._limits.pages
            and count <= MAX_CHUNKS
            and characters <= OVERLAP_FACTOR * self._limits.characters
        )
        if not honest:
            raise ChildDied("crash", "it sent what no file holds")
        self.chunks += batch.chunks
        self._characters = characters
        self.done, self.total = batch.done, batch.total
