"""The inbox on a real database and Bolt's own dispatcher, with a clock that tests turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from support.tables import sqlite_in

from bot.database import Database
from bot.errors import ProviderUnavailable
from bot.slack.inbox import MAX_ATTEMPTS, Inbox, InboxWorker

DAY_S = 86_400.0


class World:
    """A Bolt app whose one listener does what a test says; `now` is the clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 1_000.0
        self.taken: list[str] = []
        self.handled = asyncio.Event()
        self.failures: list[Exception] = []
        self.inbox = Inbox(database.transaction, clock=lambda: self.now)

        async def authorize(**_: object) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id="T1", bot_user_id="UBOT", bot_id="B1", bot_token="xoxb-1"
            )

        async def take_in(req: AsyncBoltRequest, next: Any) -> Any:  # noqa: A002, ANN401  # injected by name
            return await self.inbox(req, next)

        self.app = AsyncApp(
            authorize=authorize,
            before_authorize=take_in,
            process_before_response=True,
            request_verification_enabled=False,
        )

        @self.app.error
        async def failed(error: Exception) -> None:
            raise error

        @self.app.event("file_deleted")
        async def listener(body: dict[str, Any]) -> None:
            if self.failures:
                raise self.failures.pop()
            self.taken.append(body["event_id"])
            self.handled.set()

        self.worker = InboxWorker(self.inbox, database.transaction, self.app, clock=lambda: self.now)

    async def deliver(self, event_id: str = "Ev1", user: str = "U1") -> int:
        """Slack sends an event; the status of the answer."""
        body = {
            "type": "event_callback", "event_id": event_id, "team_id": "T1",
            "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
            "event": {"type": "file_deleted", "file_id": "F1", "user": user},
        }  # fmt: skip
        response = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        return int(response.status)

    async def work(self) -> None:
        """Replay what is due, once."""
        await self.worker.replay_due()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    yield World(database)
    await database.close()


async def test_an_event_is_acked_once_it_is_committed_and_handled_later(world: World) -> None:
    assert await world.deliver() == 200
    assert world.taken == []
    await world.work()
    assert world.taken == ["Ev1"]
    await world.work()
    assert world.taken == ["Ev1"]


async def test_an_event_that_can_not_be_committed_is_not_acked(world: World) -> None:
    await world.database.close()
    assert await world.deliver() == 503


async def test_an_event_delivered_again_is_handled_once(world: World) -> None:
    assert [await world.deliver() for _ in range(4)] == [200] * 4
    await world.work()
    assert [await world.deliver() for _ in range(2)] == [200] * 2
    await world.work()
    assert world.taken == ["Ev1"]


async def test_what_the_bot_did_itself_is_no_news_to_it(world: World) -> None:
    await world.deliver(user="UBOT")
    await world.work()
    assert world.taken == []
    async with world.database.transaction() as tx:
        assert await tx.inbox.pending_count() == 0


async def test_a_listener_that_fails_gets_the_event_again_later(world: World) -> None:
    world.failures = [ProviderUnavailable("Slack could not be reached")] * 3
    await world.deliver()
    for _ in range(4):
        await world.work()
        world.now += 400.0
    assert world.taken == ["Ev1"]


async def test_a_failing_event_holds_up_no_other(world: World) -> None:
    world.failures = [RuntimeError("a bug")]
    await world.deliver("Ev1")
    await world.work()
    await world.deliver("Ev2")
    await world.work()
    assert world.taken == ["Ev2"]


async def test_an_event_that_always_fails_is_parked_with_its_reason_and_can_be_tried_again(
    world: World,
) -> None:
    world.failures = [ProviderUnavailable("Slack could not be reached")] * MAX_ATTEMPTS
    await world.deliver()
    for _ in range(MAX_ATTEMPTS):
        await world.work()
        world.now += 400.0
    assert world.taken == []
    async with world.database.transaction() as tx:
        [parked] = await tx.inbox.parked(10)
        assert parked.error == "Slack could not be reached"
        assert await tx.inbox.pending_count() == 0
        assert await tx.inbox.unpark_all(now=world.now) == 1
    await world.work()
    assert world.taken == ["Ev1"]


async def test_an_events_own_words_are_not_kept_as_the_reason_of_a_bug(world: World) -> None:
    world.failures = [ValueError("a line of somebody's message")]
    await world.deliver()
    await world.work()
    async with world.database.transaction() as tx:
        [event] = await tx.inbox.due(now=world.now + DAY_S, limit=10)
    assert event.error == "ValueError"


async def test_events_that_were_handled_are_forgotten_after_two_days(world: World) -> None:
    await world.deliver()
    await world.work()
    world.now += 2 * DAY_S
    await world.work()
    assert await world.deliver() == 200
    await world.work()
    assert world.taken == ["Ev1", "Ev1"], "by then it is a new event to us"


async def test_the_worker_wakes_when_an_event_arrives(world: World) -> None:
    running = asyncio.create_task(world.worker.run())
    await world.deliver()
    await asyncio.wait_for(world.handled.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert world.taken == ["Ev1"]
