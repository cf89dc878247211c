"""What is behind a runner."""

from __future__ import annotations

from typing import Protocol

from bot.domain import Job


class JobStore(Protocol):
    """The durable truth behind a runner. Each call is one transaction."""

    async def recover(self) -> int:
        """Return what a dead process left half-done to the queue; the number of jobs returned."""
        ...

    async def claim(self) -> Job | None:
        """Take the oldest due job of the least busy group, or None when nothing is due."""
        ...

    async def next_due_in(self) -> float | None:
        """Seconds until the next delayed job is due, or None when none waits."""
        ...

    async def release(self, job: Job) -> None:
        """Give back a job that was cut off by our own shutdown; the attempt doesn't count."""
        ...

    async def settle(self, job: Job, error: Exception) -> None:
        """Record that a job raised: back to the queue with a delay, or given up for good."""
        ...
