from __future__ import annotations

from bot.database import Database
from bot.domain import WorkspaceId

T1 = WorkspaceId("T1")


async def test_an_event_is_kept_once_however_often_it_is_delivered(database: Database) -> None:
    body = {"event": {"text": "x\ud800"}, "n": [1, None]}
    async with database.transaction() as tx:
        assert await tx.inbox.add("Ev1", T1, "message", body, now=1.0)
    async with database.transaction() as tx:
        assert not await tx.inbox.add("Ev1", T1, "message", {}, now=2.0)
        (event,) = await tx.inbox.due(now=3.0, limit=10)
    assert (event.body, event.received_at, event.workspace_id, event.type) == (body, 1.0, T1, "message")


async def test_events_come_in_the_order_of_their_arrival(database: Database) -> None:
    async with database.transaction() as tx:
        for now, event_id in enumerate(["c", "a", "b"]):
            await tx.inbox.add(event_id, T1, "message", {}, now=float(now))
        assert [event.event_id for event in await tx.inbox.due(now=9.0, limit=2)] == ["c", "a"]


async def test_an_event_that_was_taken_is_done_and_later_forgotten(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        assert await tx.inbox.pending_count() == 1
        await tx.inbox.done("Ev1", now=2.0)
        await tx.inbox.done("Ev1", now=3.0)
        assert await tx.inbox.pending_count() == 0
        assert not await tx.inbox.due(now=9.0, limit=10)
        assert await tx.inbox.purge(before=2.0) == 0
        assert not await tx.inbox.add("Ev1", T1, "message", {}, now=4.0)
        assert await tx.inbox.purge(before=2.5) == 1
        assert await tx.inbox.add("Ev1", T1, "message", {}, now=5.0)


async def test_an_event_that_waits_is_never_purged(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        assert await tx.inbox.purge(before=1e9) == 0


async def test_a_postponed_event_waits_for_its_time_and_counts_its_attempts(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.inbox.next_due_in(now=0.0) is None
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        assert await tx.inbox.next_due_in(now=1.0) == 0.0
        await tx.inbox.postpone("Ev1", error="KeyError", not_before=10.0)
        assert not await tx.inbox.due(now=9.0, limit=10)
        assert await tx.inbox.next_due_in(now=9.0) == 1.0
        (event,) = await tx.inbox.due(now=10.0, limit=10)
        assert (event.attempts, event.error) == (1, "KeyError")
        assert await tx.inbox.pending_count() == 1
