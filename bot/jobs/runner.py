"""What the program asks of whatever runs its jobs."""

from __future__ import annotations

from typing import Protocol


class Runner(Protocol):
    """Performs jobs. A job may run late, twice, or after its reason is gone: its writes are fenced."""

    def wake(self) -> None:
        """There may be something to claim. Returns at once; may be called from any place of the loop."""
        ...

    async def run(self) -> None:
        """Perform jobs until `stop`; returns when the last one ended or was given back."""
        ...

    def stop(self) -> None:
        """Claim nothing more and let `run` return. Repeatable."""
        ...

    async def cancel(self, key: str) -> None:
        """Stop what runs for this key and wait for its end. Nothing happens when nothing does.

        Whoever cancels has taken the key from the job before (a new generation, a tombstone); a job
        that still owned it goes back to the queue.
        """
        ...
