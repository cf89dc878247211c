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


async def test_a_parked_event_waits_for_nothing_but_is_kept_with_its_reason(database: Database) -> None:
    async with database.transaction() as tx:
        for event_id in ("Ev1", "Ev2", "Ev3"):
            await tx.inbox.add(event_id, T1, "message", {"id": event_id}, now=1.0)
        await tx.inbox.postpone("Ev1", error="OSError", not_before=2.0)
        await tx.inbox.park("Ev1", error="KeyError", now=5.0)
        await tx.inbox.park("Ev2", error="ValueError", now=6.0)
        assert [event.event_id for event in await tx.inbox.due(now=1e9, limit=9)] == ["Ev3"]
        assert (await tx.inbox.pending_count(), await tx.inbox.parked_count()) == (1, 2)
        latest, first = await tx.inbox.parked(9)
        assert (first.event_id, first.error, first.attempts, first.parked_at) == ("Ev1", "KeyError", 2, 5.0)
        assert latest.event_id == "Ev2"
        assert len(await tx.inbox.parked(1)) == 1
        await tx.inbox.done("Ev3", now=7.0)
        assert await tx.inbox.next_due_in(now=8.0) is None
        assert await tx.inbox.purge(before=1e9) == 1
        assert await tx.inbox.parked_count() == 2
        assert not await tx.inbox.add("Ev1", T1, "message", {}, now=9.0)


async def test_parked_events_get_all_their_attempts_again_when_asked_for(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        await tx.inbox.park("Ev1", error="KeyError", now=5.0)
        assert await tx.inbox.unpark_all(9.0) == 1
        assert await tx.inbox.unpark_all(9.0) == 0
        assert await tx.inbox.next_due_in(now=9.0) == 0.0
        (event,) = await tx.inbox.due(now=9.0, limit=9)
        assert (event.attempts, event.parked_at, event.error) == (0, None, "KeyError")


async def test_what_was_taken_is_not_parked_any_more(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        await tx.inbox.done("Ev1", now=2.0)
        await tx.inbox.park("Ev1", error="late", now=3.0)
        await tx.inbox.add("Ev2", T1, "message", {}, now=1.0)
        await tx.inbox.park("Ev2", error="early", now=2.0)
        await tx.inbox.done("Ev2", now=3.0)
        assert await tx.inbox.parked_count() == 0
        assert await tx.inbox.unpark_all(4.0) == 0
