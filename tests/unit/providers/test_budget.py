"""What may be asked of a vendor a minute, and when it is left alone."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ProviderUnavailable, RateLimited
from bot.providers.budget import Breaker, Budget


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_what_ten_seconds_give_may_be_spent_at_once_and_no_more() -> None:
    budget = Budget(60, clock=Clock())
    for _ in range(11):  # ten of the burst, and the one that is due now
        await budget.spend(1, within_s=0)

    with pytest.raises(RateLimited) as refused:
        await budget.spend(1, within_s=0.5)

    assert refused.value.retry_after_s == pytest.approx(1.0)


async def test_a_budget_comes_back_with_time() -> None:
    clock = Clock()
    budget = Budget(60, burst_s=0, clock=clock)
    await budget.spend(5, within_s=0)
    clock.now += 5

    await budget.spend(1, within_s=0)


async def test_a_refused_spending_costs_nothing() -> None:
    budget = Budget(60, burst_s=0, clock=Clock())
    await budget.spend(1, within_s=0)
    for _ in range(3):
        with pytest.raises(RateLimited) as refused:
            await budget.spend(1, within_s=0)

        assert refused.value.retry_after_s == pytest.approx(1.0)


async def test_spenders_take_their_turns_in_the_order_they_came() -> None:
    budget = Budget(6_000, burst_s=0)
    order: list[int] = []

    async def spend(number: int) -> None:
        await budget.spend(1, within_s=5)
        order.append(number)

    await asyncio.gather(*(spend(number) for number in range(5)))

    assert order == [0, 1, 2, 3, 4]


def test_a_vendor_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker(failures=3, open_s=30, clock=clock)
    for _ in range(3):
        breaker.check()
        breaker.failed()

    with pytest.raises(ProviderUnavailable):
        breaker.check()
    clock.now += 29
    with pytest.raises(ProviderUnavailable):
        breaker.check()


def test_after_the_while_one_call_may_try_and_the_others_wait_for_it() -> None:
    clock = Clock()
    breaker = Breaker(failures=1, open_s=30, clock=clock)
    breaker.failed()
    clock.now += 31

    breaker.check()

    with pytest.raises(ProviderUnavailable):
        breaker.check()
    breaker.succeeded()
    breaker.check()


def test_a_success_in_between_is_a_new_beginning() -> None:
    breaker = Breaker(failures=2)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()

    breaker.check()
