"""What is counted while the bot works. `web.metrics.Metrics` counts it all; commands count nothing."""

from __future__ import annotations

from typing import Protocol

from bot.domain import Stage


class Counts(Protocol):
    """Is told what was done. Each returns at once and never raises."""

    def searched(self, elapsed_ms: float, results: int) -> None:
        """A search ended with so many results."""

    def answered(self, elapsed_ms: float, citations: int) -> None:
        """A question was answered with so many citations."""

    def stage_done(self, stage: Stage, seconds: float) -> None:
        """A stage of a document was done."""

    def vendor_called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """A vendor was asked; `outcome` as in `providers.told`."""

    def child_died(self, cause: str) -> None:
        """A child that read a file crashed or was killed."""


class Uncounted:
    """Counts nothing."""

    def searched(self, elapsed_ms: float, results: int) -> None:
        """Nobody counts."""

    def answered(self, elapsed_ms: float, citations: int) -> None:
        """Nobody counts."""

    def stage_done(self, stage: Stage, seconds: float) -> None:
        """Nobody counts."""

    def vendor_called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Nobody counts."""

    def child_died(self, cause: str) -> None:
        """Nobody counts."""


UNCOUNTED: Counts = Uncounted()
