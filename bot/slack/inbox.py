"""Events are committed before they are acked, then replayed through Bolt's own dispatcher.

Bolt acks events before listeners run and answers 200 when `auth.test` fails, so a crash or an outage
would lose them. As `before_authorize` middleware the inbox comes after the signature check and
before everything else: committed → 200; not committed → 503, and Slack sends the event again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.documents.replicas import ALONE
from bot.documents.repository import Transaction
from bot.documents.tables import InboxEvent
from bot.domain import WorkspaceId
from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.jobs.retry import delay_s
from bot.slack.entry import entering

log = structlog.get_logger(__name__)

REPLAY = "replay"
"""Marks a request that comes from the inbox; only our own code can set a request's context."""
BATCH = 16
"""Claimed at once: what is left of it waits while another replica may be idle."""
POLL_S = 5.0
IN_FLIGHT = 8
MAX_ATTEMPTS = 20
"""Over an hour of tries; then the event is parked, and `fm doctor` tells of it."""
NOT_ALIVE_S = 0.5
"""Between looks while this replica may count as dead and mustn't claim."""
KEEP_PROCESSED_S = 24 * 3600.0
"""Slack repeats an event for an hour at most, or for a day with Delayed Events."""


class Inbox:
    """The middleware's half: takes events in."""

    def __init__(
        self,
        transaction: Transaction,
        *,
        clock: Callable[[], float] = time.time,
        on_accepted: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._transaction = transaction
        self._clock = clock
        self._on_accepted = on_accepted
        self.arrived = asyncio.Event()

    async def __call__(
        self, req: AsyncBoltRequest, next_: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        """Bolt middleware: events stop here, everything else goes on."""
        kind = req.body.get("type")
        if req.context.get(REPLAY) or kind not in {"event_callback", "app_rate_limited"}:
            return await next_()
        if kind == "app_rate_limited":
            log.warning("slack_rate_limits_events", minute=req.body.get("minute_rate_limited"))
            return BoltResponse(status=200, body="")
        started = time.monotonic()
        if not await self._commit(req.body):
            return BoltResponse(status=503, body="")
        self._on_accepted(time.monotonic() - started)
        return BoltResponse(status=200, body="")

    async def _commit(self, body: dict[str, Any]) -> bool:
        event_id, event = body.get("event_id"), body.get("event") or {}
        if not isinstance(event_id, str) or not isinstance(event, dict):
            log.warning("event_malformed")
            return True  # it will never be better, so Slack needn't send it again
        try:
            async with self._transaction() as tx:
                new = await tx.inbox.add(
                    event_id, workspace_of(body), str(event.get("type", "")), body, now=self._clock()
                )
        except Exception as error:  # noqa: BLE001  # the edge: what isn't committed isn't acked
            log.error("event_not_committed", event_id=event_id, causes=causes(error))
            return False
        log.info("event_committed", event_id=event_id, type=event.get("type"), new=new)
        if new:
            self.arrived.set()
        return True


def workspace_of(body: dict[str, Any]) -> WorkspaceId:
    """The installation an event is for: in Slack Connect that is not always the sender's workspace."""
    authorizations = body.get("authorizations") or [{}]
    return WorkspaceId(str(authorizations[0].get("team_id") or body.get("team_id") or ""))


async def _nothing() -> None:
    """Nobody is to be told of what a listener did."""


class InboxWorker:
    """The other half: replays what was committed, in the order of arrival, until a listener took it.

    `holder` names the replica that claims, None while it may not. An event is not done `before_done`: what
    its listener had to tell other replicas is on its way then.
    """

    def __init__(
        self,
        inbox: Inbox,
        transaction: Transaction,
        app: AsyncApp,
        *,
        holder: Callable[[], str | None] = lambda: ALONE,
        before_done: Callable[[], Awaitable[None]] = _nothing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox = inbox
        self._holder = holder
        self._before_done = before_done
        self._transaction = transaction
        self._app = app
        self._clock = clock
        self._rng = random.Random()  # noqa: S311  # spreads retries, guards nothing

    async def run(self) -> None:
        """Replay until cancelled; an event cut off by the end stays in the inbox."""
        while True:
            self._inbox.arrived.clear()
            try:
                if not await self.replay_due():
                    await self._wait()
            except Exception as error:  # noqa: BLE001  # the worker: the database may be full; the events stay
                log.error("inbox_stalled", causes=causes(error))
                await asyncio.sleep(1.0)

    async def replay_due(self) -> int:
        """Replay what is due, once; how many events that were."""
        now, holder = self._clock(), self._holder()
        async with self._transaction() as tx:
            events = await tx.inbox.due(now=now, limit=BATCH, holder=holder) if holder else []
            if not events:
                await tx.inbox.purge(before=now - KEEP_PROCESSED_S)
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def replay(event: InboxEvent) -> None:
            async with slots:
                with entering(event.body):
                    await self._replay(event)

        async with asyncio.TaskGroup() as tasks:
            for event in events:
                tasks.create_task(replay(event))
        return len(events)

    async def _wait(self) -> None:
        async with self._transaction(reading=True) as tx:
            due_s = await tx.inbox.next_due_in(now=self._clock())
        least_s = 0.01 if self._holder() else NOT_ALIVE_S
        timeout_s = POLL_S if due_s is None else min(max(due_s, least_s), POLL_S)
        try:
            async with asyncio.timeout(timeout_s):
                await self._inbox.arrived.wait()
        except TimeoutError:
            pass

    async def _replay(self, event: InboxEvent) -> None:
        request = AsyncBoltRequest(mode="socket_mode", body=event.body, context={REPLAY: True})
        try:
            await self._app.async_dispatch(request)
            await self._before_done()
        except Exception as error:  # noqa: BLE001  # the worker: any failure of a listener means a later try
            await self._postpone(event, error)
            return
        async with self._transaction() as tx:
            await tx.inbox.done(event.event_id, now=self._clock())

    async def _postpone(self, event: InboxEvent, error: Exception) -> None:
        attempt = event.attempts + 1
        parked = attempt >= MAX_ATTEMPTS
        log.warning(
            "event_parked" if parked else "event_postponed",
            event_id=event.event_id,
            type=event.type,
            attempt=attempt,
            causes=causes(error),
        )
        now, reason = self._clock(), _reason(error)
        async with self._transaction() as tx:
            if parked:
                await tx.inbox.park(event.event_id, error=reason, now=now)
            else:
                not_before = now + delay_s(attempt, rng=self._rng)
                await tx.inbox.postpone(event.event_id, error=reason, not_before=not_before)


def _reason(error: Exception) -> str:
    """Why an event waits, for operators: our own sentences say it, anybody else's may quote a message."""
    return error.public_message if isinstance(error, FaultMavenError) else type(error).__name__
