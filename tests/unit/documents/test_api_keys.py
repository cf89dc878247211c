from __future__ import annotations

import asyncio

from bot.database import Database
from bot.domain import ApiKey, Right


async def test_what_a_key_may_ask_in_a_minute_is_taken_once_however_many_take_of_it(
    database: Database,
) -> None:
    key = ApiKey("fmk_1", "ci", frozenset(Right), created_at=0.0, expires_at=10.0, spaces={})
    async with database.transaction() as tx:
        await tx.api_keys.add(key, "hash", ["handbook"])

    async def take(minute: int, wanted: int = 5) -> tuple[int, int]:
        async with database.transaction() as tx:
            return await tx.api_keys.take("fmk_1", minute=minute, wanted=wanted, most=42)

    took = await asyncio.gather(*(take(7) for _ in range(12)))
    assert sum(granted for granted, _ in took) == 42
    assert sorted(granted for granted, _ in took)[:4] == [0, 0, 0, 2]
    assert await take(8) == (5, 37)
    assert await take(7) == (5, 32)  # a clock that is behind brings no minute back
    assert await take(8, wanted=100) == (32, 0)
    async with database.transaction() as tx:
        assert await tx.api_keys.take("fmk_gone", minute=8, wanted=5, most=42) == (5, 37)
