"""Prometheus metrics: what was done is counted as it happens, what waits is read when it is asked for.

Labels have few values whatever people do: no workspace, channel, file or person is one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.errors import FaultMavenError, ProviderUnavailable
from bot.web.state_metrics import StateFigures, StateGauges

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
LAG_INTERVAL_S = 0.25
READY_LAG_S = 1.0
LINK_TIMEOUT_S = 2.0

ReadState = Callable[[], Awaitable[StateFigures]]
CircuitStates = Callable[[], Mapping[str, str]]
"""Vendors' calls by name, and whether they are made: `closed` (yes), `half open` (one tries), `open` (no)."""


class Metrics:
    """One registry a process; names begin with `faultmaven_`, or `process_` for what the system counts."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, read_state: ReadState) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._read_state = read_state
        self.circuits: CircuitStates = dict
        self.children: Callable[[], int] = int
        self.check_link: Callable[[], Awaitable[None]] = _no_link
        self._state = StateGauges(self.registry)
        self._circuits = self._gauge(
            "circuit_closed", "1 while a vendor is asked, 0 while it is left alone or tried", ["circuit"]
        )
        self._link = self._gauge("slack_link_up", "1 while Slack's requests can be taken and answered")
        self._children = self._gauge("children", "Child processes that read files, as of now")
        self._lag = self._gauge(
            "event_loop_lag_seconds", "The worst delay of the event loop since the last look"
        )
        self._deaths = self._counter("child_deaths", "Children that crashed or were killed", ["cause"])
        self.commit_seconds = self._histogram(
            "event_commit_seconds", "From an event's arrival to its commit, just before the ack", QUICK
        )
        self._acks = self._histogram(
            "ack_seconds", "From a payload's arrival to its ack, by kind; Slack waits 3 s", QUICK, ["kind"]
        )
        self._stages = self._histogram("stage_seconds", "Stages of documents", SLOW, ["stage"])
        self.search_seconds = self._histogram("search_seconds", "A whole search", QUICK)
        self.empty_searches = self._counter("searches_without_result", "Searches that found nothing")
        self._answers = self._histogram("answer_seconds", "A whole answer to a question", SLOW)
        self._empty_answers = self._counter("answers_without_source", "Questions that no file answered")
        called = ["vendor", "operation", "outcome"]
        self._calls = self._counter("vendor_calls", "Requests to vendors; rate_limited is a 429", called)
        self._call_seconds = self._histogram(
            "vendor_call_seconds", "Requests to vendors", SLOW, ["vendor", "operation"]
        )
        self._worst_lag_s = self._last_lag_s = 0.0

    def _gauge(self, name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(f"faultmaven_{name}", words, labels, registry=self.registry)

    def _counter(self, name: str, words: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(f"faultmaven_{name}", words, labels, registry=self.registry)

    def _histogram(
        self, name: str, words: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> Histogram:
        return Histogram(f"faultmaven_{name}", words, labels, buckets=buckets, registry=self.registry)

    def searched(self, elapsed_ms: float, results: int) -> None:
        """Note one search."""
        self.search_seconds.observe(elapsed_ms / 1000)
        if not results:
            self.empty_searches.inc()

    def answered(self, elapsed_ms: float, citations: int) -> None:
        """Note one answer."""
        self._answers.observe(elapsed_ms / 1000)
        if not citations:
            self._empty_answers.inc()

    def stage_done(self, stage: str, seconds: float) -> None:
        """Note a stage of a document."""
        self._stages.labels(stage).observe(seconds)

    def vendor_called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Note one request to a vendor."""
        self._calls.labels(vendor, operation, outcome).inc()
        self._call_seconds.labels(vendor, operation).observe(seconds)

    def acked(self, kind: str, seconds: float) -> None:
        """Note how long a payload of Slack's waited for its ack."""
        self._acks.labels(kind).observe(seconds)

    def child_died(self, cause: str) -> None:
        """Note that a child died on a file."""
        self._deaths.labels(cause).inc()

    async def watch_loop(self) -> None:
        """Measure how late the event loop wakes, until cancelled."""
        while True:
            due = time.monotonic() + LAG_INTERVAL_S
            await asyncio.sleep(LAG_INTERVAL_S)
            self._last_lag_s = time.monotonic() - due
            self._worst_lag_s = max(self._worst_lag_s, self._last_lag_s)

    async def check_loop(self) -> None:
        """Raise while the event loop is held up: acks would come too late (bolt-python#1201)."""
        if self._last_lag_s > READY_LAG_S:
            raise ProviderUnavailable(f"the event loop was held up for {self._last_lag_s:.1f} s")

    async def exposition(self) -> bytes:
        """The text that Prometheus scrapes."""
        self._state.show(await self._read_state())
        for name, circuit in self.circuits().items():
            self._circuits.labels(name).set(circuit == "closed")
        self._link.set(await self._link_is_up())
        self._children.set(self.children())
        self._lag.set(self._worst_lag_s)
        self._worst_lag_s = 0.0
        return generate_latest(self.registry)

    async def _link_is_up(self) -> bool:
        try:
            async with asyncio.timeout(LINK_TIMEOUT_S):
                await self.check_link()
        except (FaultMavenError, TimeoutError):
            return False
        return True


async def _no_link() -> None:
    """Nothing is linked, so nothing is down."""
