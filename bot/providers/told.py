"""Told: whoever counts hears of each request to a vendor, how it ended and how long it took."""

from __future__ import annotations

from collections.abc import Callable

from bot.errors import RateLimited, RetryLater

OnCall = Callable[[str, str, str, float], None]
"""Is told vendor, operation, outcome (see `outcome_of`) and seconds, once a request; retries count."""
OnOutcome = Callable[[str, float], None]
"""The same for one operation of one vendor."""


def untold(_vendor: str, _operation: str, _outcome: str, _seconds: float) -> None:
    """Nobody counts."""


def untold_outcome(_outcome: str, _seconds: float) -> None:
    """Nobody counts."""


def outcome_of(error: Exception | None) -> str:
    """`ok`, `rate_limited` (429), `unavailable` (no answer, or that it can't) or `refused`."""
    if error is None:
        return "ok"
    if isinstance(error, RateLimited):
        return "rate_limited"
    return "unavailable" if isinstance(error, RetryLater) else "refused"
