from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.bot import Delivery

from bot.playground.server import Playground


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Playground]:
    """A workspace that reaches the bot over Socket Mode, then one over signed HTTP."""
    delivery: Delivery = request.param
    async with Playground.serve(delivery=delivery) as playground:
        yield playground
