from __future__ import annotations

import asyncio
import time

import pytest

from bot.errors import ProviderUnavailable
from bot.web.metrics import LAG_INTERVAL_S, Metrics, StateFigures


async def state() -> StateFigures:
    return StateFigures(
        {"indexed": 3}, events_waiting=2, events_parked=1, questions_waiting=4, oldest_pending_s=7.5
    )


async def test_figures_are_read_when_they_are_asked_for() -> None:
    text = (await Metrics(state).exposition()).decode()
    assert 'faultmaven_documents{status="indexed"} 3.0' in text
    assert "faultmaven_inbox_parked 1.0" in text
    assert "faultmaven_queue_oldest_seconds 7.5" in text
    assert "faultmaven_questions_waiting 4.0" in text


async def test_a_held_up_event_loop_is_not_ready() -> None:
    metrics = Metrics(state)
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)
    await metrics.check_loop()
    time.sleep(LAG_INTERVAL_S + 1.1)  # noqa: ASYNC251  # holding up the loop is the point
    await asyncio.sleep(0.01)
    with pytest.raises(ProviderUnavailable, match="held up"):
        await metrics.check_loop()
    watching.cancel()
