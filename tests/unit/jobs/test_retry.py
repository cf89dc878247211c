from __future__ import annotations

import random
import sys

from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.retry import BASE_S, CAP_S, delay_s


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # repeatable


@given(st.integers(-5, sys.maxsize), st.integers())
def test_a_delay_is_never_shorter_than_half_the_base_nor_longer_than_the_cap(attempt: int, seed: int) -> None:
    assert BASE_S / 2 <= delay_s(attempt, rng=_dice(seed)) <= CAP_S


@given(st.integers(1, 60))
def test_each_delay_may_be_longer_than_the_one_before_until_the_cap(attempt: int) -> None:
    longest = [max(delay_s(n, rng=_dice(seed)) for seed in range(50)) for n in (attempt, attempt + 1)]
    assert longest[1] > longest[0] or longest[1] > 0.9 * CAP_S


def test_jobs_that_failed_together_come_back_apart() -> None:
    rng = _dice(1)
    assert len({round(delay_s(1, rng=rng), 3) for _ in range(50)}) > 40
