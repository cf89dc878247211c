"""What Slack sends to the app: which events, how often again, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.playground import events
from bot.playground.manifest import Manifest
from bot.playground.model import Event, Json
from bot.playground.requirements import EVENT_SCOPES, event_scope
from bot.playground.workspace import Workspace

ACK_TIMEOUT_S = 3.0
RETRY_DELAYS_S = (0.0, 60.0, 300.0)
"""Slack sends again at once, after a minute, after five minutes; then the event is lost."""


WAIT_S = sum(RETRY_DELAYS_S)
"""How long an event waits for an app that isn't there."""
MAX_IN_FLIGHT = 100
"""Events on their way at once, so that the time to an ack is the app's and not a queue's."""


class NotAcked(Exception):
    """The app did not answer. `reason` is Slack's word; `retry` is False when it asked for no retry."""

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


class NotReachable(NotAcked):
    """There was nobody to send to, for as long as Slack would try."""


class Transport(Protocol):
    """A way to the app: Socket Mode or HTTP."""

    async def send(
        self, kind: str, payload: Json, *, attempt: int, reason: str, wait_s: float
    ) -> Json | None:
        """Send once and return what the ack carried.

        `kind` is `events_api`, `slash_commands` or `interactive`; `attempt` counts from 0; `wait_s`
        is how long to wait for an app to send to. Raises NotAcked.
        """
        ...


@dataclass(slots=True)
class Delivery:
    """One thing that was sent. `outcome`: pending, acked, lost, or why it failed (`timeout`, …)."""

    kind: str
    payload: Json
    attempts: int = 0
    outcome: str = "pending"
    response: Json | None = None
    ack_s: float | None = None


class Dispatcher:
    """Delivers events at least once and requests once; `deliveries` lists all, in order."""

    def __init__(
        self,
        workspace: Workspace,
        manifest: Manifest,
        granted: frozenset[str],
        transport: Transport,
        on_settled: Callable[[], None],
        retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
        wait_s: float = WAIT_S,
    ) -> None:
        self._workspace = workspace
        self._manifest = manifest
        self._granted = granted
        self.transport = transport
        self._on_settled = on_settled
        self._retry_delays_s = tuple(retry_delays_s)
        self._wait_s = wait_s
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._tasks: set[asyncio.Task[None]] = set()
        self.deliveries: list[Delivery] = []
        self.pending = 0
        """How many deliveries are neither acked nor given up."""

    def publish(self, event: Event) -> None:
        """Deliver an event if the app subscribed to it, may know of it and is where it happened."""
        if self._concerns_app(event):
            self.send_event(events.envelope(self._workspace, event))

    def send_event(self, body: Json, *, attempt: int = 0, reason: str = "") -> Delivery:
        """Deliver a whole `event_callback` body, whatever it holds, starting at a given attempt."""
        delivery = self._begin("events_api", body)
        task = asyncio.create_task(self._deliver(delivery, attempt, reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return delivery

    async def request(self, kind: str, payload: Json) -> Delivery:
        """Send a command or an interaction, once; the delivery's outcome says what came of it."""
        delivery = self._begin(kind, payload)
        try:
            await self._attempt(delivery, 0, "", wait_s=0)
        except NotReachable:
            delivery.outcome = "dispatch_failed"
        except NotAcked as failure:
            timed_out = failure.reason.endswith("timeout")
            delivery.outcome = "operation_timeout" if timed_out else "dispatch_failed"
        self._end()
        return delivery

    async def close(self) -> None:
        """Stop delivering."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _concerns_app(self, event: Event) -> bool:
        name = event.subscription
        if name not in self._manifest.events or name not in EVENT_SCOPES or self._workspace.uninstalled:
            return False
        told_anyway = event.after_leaving or not event.channels
        if not told_anyway and not any(map(self._workspace.bot_sees, event.channels)):
            return False
        where = self._workspace.channels.get(event.channels[0]) if event.channels else None
        scope = event_scope(name, where.kind if where else None)
        return scope is None or scope in self._granted

    def _begin(self, kind: str, payload: Json) -> Delivery:
        delivery = Delivery(kind, payload)
        self.deliveries.append(delivery)
        self.pending += 1
        return delivery

    def _end(self) -> None:
        self.pending -= 1
        self._on_settled()

    async def _deliver(self, delivery: Delivery, attempt: int, reason: str) -> None:
        last = len(self._retry_delays_s)
        while delivery.outcome == "pending":
            try:
                async with self._slots:
                    await self._attempt(delivery, attempt, reason, wait_s=self._wait_s)
            except NotReachable:
                delivery.outcome = "lost"
            except NotAcked as failure:
                reason = failure.reason
                if attempt >= last or not failure.retry:
                    delivery.outcome = "lost"
                else:
                    await asyncio.sleep(self._retry_delays_s[attempt])
                    attempt += 1
        self._end()

    async def _attempt(self, delivery: Delivery, attempt: int, reason: str, wait_s: float) -> None:
        delivery.attempts += 1
        started = time.monotonic()
        delivery.response = await self.transport.send(
            delivery.kind, delivery.payload, attempt=attempt, reason=reason, wait_s=wait_s
        )
        delivery.ack_s = time.monotonic() - started
        delivery.outcome = "acked"
