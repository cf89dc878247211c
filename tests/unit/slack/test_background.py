from __future__ import annotations

import asyncio
import gc

from bot.slack.background import Background


async def test_work_survives_a_garbage_collection_while_it_waits() -> None:
    background, go, done = Background(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        done.set()

    background.start(work())
    await asyncio.sleep(0)
    gc.collect()
    go.set()
    await background.drain(5)
    assert done.is_set()


async def test_draining_ends_what_does_not_end_by_itself() -> None:
    background, cut_off = Background(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    background.start(work())
    await asyncio.sleep(0)
    await background.drain(0.01)
    assert cut_off.is_set()


async def test_work_that_fails_does_not_end_the_others() -> None:
    background, done = Background(), asyncio.Event()

    async def fails() -> None:
        raise RuntimeError

    async def works() -> None:
        done.set()

    background.start(fails())
    background.start(works())
    await background.drain(5)
    assert done.is_set()
