"""How long to wait before a job is tried again."""

from __future__ import annotations

import random

BASE_S = 2.0
FACTOR = 4.0
CAP_S = 300.0
"""Five attempts span at least 85 seconds (a deploy, a short outage), twenty at least 37 minutes."""


def delay_s(attempt: int, *, rng: random.Random) -> float:
    """Seconds between the failed attempt `attempt` (counted from 1) and the next one.

    Exponential with a cap and "equal jitter": half of it fixed, so that a vendor gets its pause, half
    of it random, so that jobs that failed together don't come back together (Marc Brooker,
    "Exponential Backoff and Jitter", AWS Architecture Blog, 2015), with a factor of 4 for 2.
    """
    exponent = min(max(attempt, 1) - 1, 10)  # far beyond the cap, far below an overflow
    ceiling_s = min(CAP_S, BASE_S * FACTOR**exponent)
    return ceiling_s / 2 + rng.uniform(0, ceiling_s / 2)
