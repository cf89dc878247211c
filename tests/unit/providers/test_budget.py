"""What may be asked of a vendor a minute, and when it is left alone."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ProviderUnavailable, RateLimited
from bot.providers.budget import Breaker, Budget, State


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


async def test_one_that_wants_a_thousand_times_as_much_makes_no_other_wait_for_all_of_it() -> None:
    budget = Budget(60_000, burst_s=0)
    order: list[str] = []

    async def spend(group: str) -> None:
        await budget.spend(10, 5, group)
        order.append(group)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(30):
            tasks.create_task(spend("bulk"))
        await asyncio.sleep(0)
        for _ in range(3):
            tasks.create_task(spend("small"))

    assert max(place for place, group in enumerate(order) if group == "small") < 10
    assert len(order) == 33


async def test_who_gives_up_or_is_cancelled_while_waiting_spends_nothing() -> None:
    budget = Budget(600, burst_s=0)
    await budget.spend(1, within_s=0)
    cancelled = asyncio.create_task(budget.spend(1_000, 1_000, "a"))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)

    await budget.spend(1, within_s=0.2, group="b")


async def test_who_is_overtaken_for_too_long_is_told_to_come_back() -> None:
    clock = Clock()
    budget = Budget(60, burst_s=0, clock=clock)
    await budget.spend(1, within_s=0, group="a")
    first = asyncio.create_task(budget.spend(5, 10, "a"))
    await asyncio.sleep(0)

    with pytest.raises(RateLimited):
        await budget.spend(1, within_s=0.01, group="a")

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), min_size=1, max_size=30),
)
def test_whoever_waits_gets_a_turn_and_nothing_is_spent_twice(wanted: list[tuple[str, int]]) -> None:
    async def all_of_them() -> float:
        clock = Clock()
        budget = Budget(60_000_000, burst_s=0, clock=clock)

        async def tick() -> None:
            while True:
                clock.now += 1.0
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(budget.spend(units, 1e9, group) for group, units in wanted))
        ticking.cancel()
        return clock.now

    assert asyncio.run(all_of_them()) > 1_000.0


def test_a_circuit_says_how_it_is() -> None:
    clock = Clock()
    breaker = Breaker(failures=1, open_s=30, clock=clock)
    seen = [breaker.state]
    breaker.failed()
    seen.append(breaker.state)
    clock.now += 31
    seen.append(breaker.state)
    breaker.check()
    seen.append(breaker.state)
    breaker.succeeded()
    seen.append(breaker.state)

    assert seen == [State.CLOSED, State.OPEN, State.HALF_OPEN, State.HALF_OPEN, State.CLOSED]


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
