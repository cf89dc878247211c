from __future__ import annotations

import asyncio

import pytest
from support.workshop import Workshop, running

from bot.domain import Job


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_another_workspace_waits_for_one_round_behind_four_hundred_documents(
    shop: Workshop, concurrency: int
) -> None:
    await shop.accept_many(400, "T1")
    runner = shop.runner(concurrency=concurrency)
    arrived = asyncio.Event()

    async def task(_job: Job) -> None:
        if len(shop.started) == 20:
            await shop.accept_many(1, "T2")
            runner.wake()
            arrived.set()

    shop.task = task
    async with running(runner):
        await arrived.wait()
        before = len(shop.started)

        async def other_started() -> bool:
            return any(job.group == "T2" for job in shop.started)

        await shop.until(other_started)
        place = [job.group for job in shop.started].index("T2")
    assert place <= before + concurrency


async def test_all_workspaces_get_the_same_number_of_turns(shop: Workshop) -> None:
    for number in range(12):
        for workspace in ("T1", "T2", "T3"):
            shop.now += 1
            await shop.accept(f"{workspace}-{number}", workspace)
    shop.now += 1

    async def task(_job: Job) -> None:
        shop.now += 1

    shop.task = task
    async with running(shop.runner(concurrency=1)):
        await shop.until(shop.quiet)
    rounds = [{job.group for job in shop.started[turn : turn + 3]} for turn in range(0, 36, 3)]
    assert rounds == [{"T1", "T2", "T3"}] * 12
