"""What the database says, as gauges: read when they are asked for, so they are never stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge


@dataclass(frozen=True, slots=True)
class StateFigures:
    """What the database says when it is asked: documents by status, what waits, for how long."""

    documents: Mapping[str, int]
    events_waiting: int
    events_parked: int
    questions_waiting: int
    oldest_pending_s: float
    reembedding_left: int = 0
    oldest_processing_s: float = 0.0
    oldest_event_s: float = 0.0
    replies_failing: int = 0


SINGLE = {
    "inbox_waiting": ("events_waiting", "Events committed and not yet handled"),
    "inbox_oldest_seconds": ("oldest_event_s", "Age of the oldest event that waits"),
    "inbox_parked": ("events_parked", "Events given up; `fm doctor` says why"),
    "questions_waiting": ("questions_waiting", "Questions not yet answered"),
    "queue_oldest_seconds": ("oldest_pending_s", "Age of the oldest document that waits"),
    "processing_oldest_seconds": ("oldest_processing_s", "Since when the longest running job runs"),
    "status_replies_failing": ("replies_failing", "Status replies that Slack did not take at the last try"),
    "reembedding_left": ("reembedding_left", "Documents still to be embedded anew"),
}
"""Gauges, each with the figure that it shows and its help text."""


class StateGauges:
    """The figures of `StateFigures`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._documents = Gauge("faultmaven_documents", "Documents by status", ["status"], registry=registry)
        self._single = {
            figure: Gauge(f"faultmaven_{name}", words, registry=registry)
            for name, (figure, words) in SINGLE.items()
        }

    def show(self, state: StateFigures) -> None:
        """Set all to what is so now."""
        for status, number in state.documents.items():
            self._documents.labels(status).set(number)
        for figure, gauge in self._single.items():
            gauge.set(getattr(state, figure))
