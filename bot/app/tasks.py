"""The long-running tasks of a process: named, strongly referenced, and missed when they end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.jobs.causes import causes

log = structlog.get_logger(__name__)


class Tasks:
    """Each task runs until it is stopped; one that ends by itself ends the process with its error."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = False
        self.failed = asyncio.Event()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` under a name."""
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    async def cancel(self, name: str) -> None:
        """Cancel one task and wait for its end; nothing happens when it wasn't started."""
        self._stopping = True
        if task := self._tasks.get(name):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def join(self, name: str) -> None:
        """Wait for a task that was told to stop."""
        self._stopping = True
        if task := self._tasks.get(name):
            await asyncio.gather(task, return_exceptions=True)

    async def cancel_all(self) -> None:
        """Cancel whatever still runs."""
        for name in list(self._tasks):
            await self.cancel(name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping or task.cancelled():
            return
        error = task.exception()
        log.critical("task_ended", task=task.get_name(), causes=causes(error) if error else None)
        self.failed.set()
