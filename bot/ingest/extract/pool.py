"""The extractor: a few persistent children, each reading one file at a time.

Rejected after measuring: threads (the event loop stalls for 41 ms and nothing ends a hang),
ProcessPoolExecutor and loky (one dead worker fails every job), pebble (busy workers outlive a killed parent).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import structlog

from bot.domain import Extraction
from bot.errors import ExtractionInterrupted, FileRejected, ProviderUnavailable
from bot.ingest.extract.attempt import Attempt
from bot.ingest.extract.child_process import Child, ChildDied
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.memory import affordable
from bot.ingest.extract.messages import Done, Rejected
from bot.ports import OnProgress

log = structlog.get_logger(__name__)

CHILD_COMMAND = (sys.executable, "-P", "-s", "-m", "bot.ingest.child")
MAX_DEATHS = 3
"""How many children the parts of one file may cost before what was read has to do."""
CLOSED = "I am shutting down"
INTERRUPTED = {
    "timeout": ("reading it took too long", "Split it into smaller files, or share the text itself."),
    "memory": (
        "reading it takes more memory than I may use",
        "Split it into smaller files, or share the text itself.",
    ),
    "crash": ("its reader crashed on it", "Open it, save it again and share that."),
}


class ChildPool:
    """Reads at most `size` files at once, each in a child of its own. Use as an async context manager.

    Fewer where there isn't the memory for as many children as take all that they may.
    Children start when they are needed and stay; one that crashed, hung, grew or read its share of files is
    replaced. Closing kills them all.
    """

    def __init__(
        self,
        size: int = 2,
        *,
        limits: Limits | None = None,
        command: Sequence[str] = CHILD_COMMAND,
        on_death: Callable[[str], None] = lambda _cause: None,
    ) -> None:
        self._limits = limits or Limits()
        self._command = command
        self._on_death = on_death
        self._slots = asyncio.Semaphore(min(size, affordable(self._limits)))
        self._children: set[Child] = set()
        self._idle: list[Child] = []
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Kill every child and wait until all are gone; a file being read raises. Repeatable."""
        self._closed = True
        for child in self._children:
            child.kill()
        await asyncio.gather(*(child.gone() for child in self._children))
        self._children.clear()
        self._idle.clear()

    @property
    def pids(self) -> frozenset[int]:
        """The process ids of the children that are there now."""
        return frozenset(child.pid for child in self._children if child.running)

    async def extract(self, path: Path, name: str, mimetype: str, on_progress: OnProgress) -> Extraction:
        """Read one file; when a child dies on it, read it in a new one with the next reader of its kind.

        Where a child died in a part of the file, the next one does so with that part alone.

        Raises FileRejected for what can't be read, ExtractionInterrupted when children died and left no
        text; text that they had given is kept. Cancelling kills the child. Repeatable.
        """
        request = {"path": str(path), "name": name, "mimetype": mimetype}
        best: Attempt | None = None
        reader = 0
        deaths: list[int] = []
        async with self._slots:
            while True:
                attempt = await self._attempt({**request, "reader": reader, "deaths": deaths}, on_progress)
                if isinstance(attempt.verdict, Done):
                    return Extraction(attempt.verdict.pages, tuple(attempt.chunks), attempt.verdict.partial)
                best = max(best or attempt, attempt, key=lambda each: len(each.chunks))
                if attempt.died and attempt.part is not None and len(deaths) < MAX_DEATHS:
                    deaths.append(attempt.part)
                    continue
                reader += 1
                if attempt.died in {None, "timeout"} or reader >= attempt.readers:
                    break
        if best.chunks:
            return best.so_far(INTERRUPTED[best.died or "crash"][0])
        if isinstance(attempt.verdict, Rejected):
            raise FileRejected(attempt.verdict.code, attempt.verdict.message, attempt.verdict.advice)
        code = attempt.died or "crash"
        raise ExtractionInterrupted(code, *INTERRUPTED[code])

    async def _attempt(self, request: dict[str, Any], on_progress: OnProgress) -> Attempt:
        child = await self._take()
        attempt = Attempt(self._limits)
        try:
            await attempt.run(child, request, on_progress)
        except ChildDied as died:
            attempt.died = died.code
            self._on_death(died.code)
            log.warning("child_died", code=died.code, detail=died.detail, reader=request["reader"])
        finally:
            await self._give_back(child, attempt)
        if self._closed:
            raise ProviderUnavailable(CLOSED)
        return attempt

    async def _take(self) -> Child:
        if self._closed:
            raise ProviderUnavailable(CLOSED)
        while self._idle:
            child = self._idle.pop()
            if child.running:
                return child
            await self._end(child)
        child = await Child.start(self._command, self._limits)
        self._children.add(child)
        if self._closed:
            await self._end(child)
            raise ProviderUnavailable(CLOSED)
        return child

    async def _give_back(self, child: Child, attempt: Attempt) -> None:
        """Keep a child that gave a verdict and isn't used up; end every other."""
        verdict = attempt.verdict
        if (
            verdict is not None
            and child.documents < self._limits.documents_per_child
            and verdict.rss < self._limits.child_rss_bytes
            and not self._closed
        ):
            self._idle.append(child)
        else:
            await self._end(child)

    async def _end(self, child: Child) -> None:
        child.kill()
        await child.gone()
        self._children.discard(child)
