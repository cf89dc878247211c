"""Jobs as asyncio tasks of this process; the store's rows are all that survives it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot.correlation import correlated, fresh
from bot.domain import Job
from bot.jobs.causes import causes
from bot.ports import JobStore

log = structlog.get_logger(__name__)

STORE_PAUSE_S = 0.5
"""Between two tries while the store can't be read or written (locked, disk full)."""
LEAST_PAUSE_S = 0.01
"""Before a job that is due in an instant: no look at the store comes quicker than this after another."""
CUT_OFF_S = 3.0
"""A cancelled job gets this long to stop and to be given back."""

Perform = Callable[[Job], Awaitable[None]]
T = TypeVar("T")


@dataclass(slots=True)
class _Running:
    job: Job
    work: asyncio.Future[None]
    cut_off: bool = False


class AsyncioRunner:
    """At most `concurrency` jobs at a time; nothing is claimed before a slot is free.

    `stop` lets running jobs end for up to `drain_s` seconds, then cancels them and gives them back; to
    cancel `run` does so at once. An idle runner looks at the store every `poll_s` seconds at least,
    woken or not.
    """

    def __init__(
        self,
        store: JobStore,
        perform: Perform,
        *,
        concurrency: int,
        drain_s: float = 25.0,
        poll_s: float = 5.0,
    ) -> None:
        self._store = store
        self._perform = perform
        self._concurrency = concurrency
        self._drain_s = drain_s
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: dict[asyncio.Task[None], _Running] = {}

    def wake(self) -> None:
        """Look at the store now."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more; `run` drains and returns."""
        self._stopping.set()
        self._woken.set()

    async def cancel(self, key: str) -> None:
        """Stop what runs for this key; a job that still owned it is back in the queue afterwards."""
        await self._cut_off([task for task, running in self._running.items() if running.job.key == key])

    async def run(self) -> None:
        """Recover what a dead process left, then perform jobs until `stop`."""
        try:
            returned = await self._ask("recover", self._store.recover)
            if returned:
                log.info("jobs_recovered", jobs=returned)
            while not self._stopping.is_set():
                self._woken.clear()
                await _within(await self._fill_slots(), self._woken)
            if self._running:
                await asyncio.wait(self._running, timeout=self._drain_s)
        finally:
            await self._cut_off(list(self._running))

    async def _fill_slots(self) -> float:
        """Start jobs while slots are free; how long to wait, unless woken, before the next look."""
        while len(self._running) < self._concurrency and not self._stopping.is_set():
            job = await self._ask("claim", self._store.claim)
            if job is None:
                due_s = await self._ask("next_due_in", self._store.next_due_in)
                return self._poll_s if due_s is None else min(max(due_s, LEAST_PAUSE_S), self._poll_s)
            self._start(job)
        return self._poll_s

    def _start(self, job: Job) -> None:
        with correlated(job.correlation_id or fresh("job")):  # both tasks inherit it
            running = _Running(job, asyncio.ensure_future(self._perform(job)))
            task = asyncio.create_task(self._see_through(running), name=f"job {job.key}")
        self._running[task] = running
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._woken.set()

    async def _see_through(self, running: _Running) -> None:
        """Wait for a job's end, whichever it is, and have the store record it."""
        job, work = running.job, running.work
        await asyncio.wait([work])
        if running.cut_off and work.cancelled():
            await self._ask("release", lambda: self._store.release(job))
            return
        error = asyncio.CancelledError() if work.cancelled() else work.exception()
        if error is not None:
            log.warning("job_failed", key=job.key, attempt=job.attempt, causes=causes(error))
            failure = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
            await self._ask("settle", lambda: self._store.settle(job, failure))

    async def _cut_off(self, tasks: Collection[asyncio.Task[None]]) -> None:
        """Cancel jobs and give them back. What won't stop in time is left to the next start."""
        for task in tasks:
            running = self._running[task]
            running.cut_off = True
            running.work.cancel()
        if tasks:
            _, stuck = await asyncio.wait(tasks, timeout=CUT_OFF_S)
            for task in stuck:
                log.warning("job_stuck", task=task.get_name())

    async def _ask(self, call: str, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Call the store until it answers. None once we are stopping: the next start recovers the rest."""
        while True:
            try:
                return await ask()
            except Exception as error:  # noqa: BLE001  # the worker outlives whatever ails its store
                log.warning("job_store_unusable", call=call, causes=causes(error))
            if self._stopping.is_set():
                return None
            await _within(STORE_PAUSE_S, self._stopping)


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for an event, at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
