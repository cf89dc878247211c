"""Prometheus metrics. Counts by status are read when they are asked for, so they are never stale."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.errors import ProviderUnavailable

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LAG_INTERVAL_S = 0.25
READY_LAG_S = 1.0


@dataclass(frozen=True, slots=True)
class StateFigures:
    """What the database says when it is asked: documents by status, what waits, for how long."""

    documents: Mapping[str, int]
    events_waiting: int
    events_parked: int
    questions_waiting: int
    oldest_pending_s: float
    reembedding_left: int = 0


ReadState = Callable[[], Awaitable[StateFigures]]
CircuitStates = Callable[[], Mapping[str, str]]
"""Vendors' calls by name, and whether they are made: `closed` (yes), `half open` (one tries), `open` (no)."""


class Metrics:
    """One registry a process; every name begins with `faultmaven_`."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, read_state: ReadState) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._read_state = read_state
        self.circuits: CircuitStates = dict
        self._documents = Gauge(
            "faultmaven_documents", "Documents by status", ["status"], registry=self.registry
        )
        self._events = self._gauge("inbox_waiting", "Events committed and not yet handled")
        self._parked = self._gauge("inbox_parked", "Events given up; `fm doctor` says why")
        self._questions = self._gauge("questions_waiting", "Questions not yet answered")
        self._oldest = self._gauge("queue_oldest_seconds", "Age of the oldest document that waits")
        self._reembedding = self._gauge("reembedding_left", "Documents still to be embedded anew")
        self._circuits = Gauge(
            "faultmaven_circuit_closed",
            "1 while a vendor is asked, 0 while it is left alone or tried after failures",
            ["circuit"],
            registry=self.registry,
        )
        self.commit_seconds = Histogram(
            "faultmaven_event_commit_seconds",
            "From an event's arrival to its commit, just before the ack",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.search_seconds = Histogram(
            "faultmaven_search_seconds", "A whole search", buckets=SECONDS, registry=self.registry
        )
        self.empty_searches = Counter(
            "faultmaven_searches_without_result", "Searches that found nothing", registry=self.registry
        )
        self._lag = Gauge(
            "faultmaven_event_loop_lag_seconds",
            "The worst delay of the event loop since the last look",
            registry=self.registry,
        )
        self._worst_lag_s = self._last_lag_s = 0.0

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(f"faultmaven_{name}", words, registry=self.registry)

    def searched(self, elapsed_ms: float, results: int) -> None:
        """Note one search."""
        self.search_seconds.observe(elapsed_ms / 1000)
        if not results:
            self.empty_searches.inc()

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
        state = await self._read_state()
        for status, number in state.documents.items():
            self._documents.labels(status).set(number)
        self._events.set(state.events_waiting)
        self._parked.set(state.events_parked)
        self._questions.set(state.questions_waiting)
        self._oldest.set(state.oldest_pending_s)
        self._reembedding.set(state.reembedding_left)
        for name, circuit in self.circuits().items():
            self._circuits.labels(name).set(circuit == "closed")
        self._lag.set(self._worst_lag_s)
        self._worst_lag_s = 0.0
        return generate_latest(self.registry)
