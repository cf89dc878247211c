"""Waiting for what sets no event in the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

DEADLINE_S = 10.0
LOOK_S = 0.01


async def until(holds: Callable[[], bool]) -> None:
    """Look again and again. Raises TimeoutError."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110  # what happens elsewhere sets no event here
            await asyncio.sleep(LOOK_S)
