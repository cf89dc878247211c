from __future__ import annotations

import asyncio
import time

import pytest

from bot.errors import ProviderUnavailable
from bot.web.metrics import LAG_INTERVAL_S, Metrics
from bot.web.state_metrics import StateFigures


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


async def test_what_was_done_is_counted_by_what_it_was() -> None:
    metrics = Metrics(state)
    metrics.stage_done("extract", 0.3)
    metrics.vendor_called("cohere", "embed", "rate_limited", 0.2)
    metrics.acked("command", 0.02)
    metrics.child_died("timeout")
    metrics.searched(12.0, 0)
    metrics.answered(900.0, 0)
    metrics.children = lambda: 2
    text = (await metrics.exposition()).decode()
    for line in (
        'faultmaven_stage_seconds_bucket{le="0.5",stage="extract"} 1.0',
        'faultmaven_vendor_calls_total{operation="embed",outcome="rate_limited",vendor="cohere"} 1.0',
        'faultmaven_ack_seconds_count{kind="command"} 1.0',
        'faultmaven_child_deaths_total{cause="timeout"} 1.0',
        "faultmaven_searches_without_result_total 1.0",
        "faultmaven_answers_without_source_total 1.0",
        "faultmaven_children 2.0",
        "faultmaven_slack_link_up 1.0",
    ):
        assert line in text


async def test_a_link_that_is_down_or_silent_shows_as_zero() -> None:
    async def down() -> None:
        raise ProviderUnavailable("the Socket Mode connection is down")

    metrics = Metrics(state)
    metrics.check_link = down
    assert "faultmaven_slack_link_up 0.0" in (await metrics.exposition()).decode()
