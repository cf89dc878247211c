from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.documents.backfills import BackfillState
from bot.documents.repository import Repositories
from bot.documents.tables import Backfill
from bot.domain import ChannelId, UserId, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1 = WorkspaceId("T1")
C1, C2 = ChannelId("C1"), ChannelId("C2")
U1 = UserId("U1")


async def got(tx: Repositories, channel: ChannelId = C1) -> Backfill:
    backfill = await tx.backfills.get(T1, channel)
    assert backfill is not None
    return backfill


async def running(tx: Repositories, channel: ChannelId = C1, now: float = 1.0) -> None:
    await tx.backfills.offer(T1, channel, now=now)
    await tx.backfills.offered(T1, channel, "5.0")
    assert await tx.backfills.start(T1, channel, requested_by=U1, now=now)


async def advance(tx: Repositories, page: int, now: float = 2.0) -> bool:
    return await tx.backfills.advance(T1, C1, page=page, found=10, accepted=7, skipped=3, now=now)


async def test_an_offer_is_posted_once(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.backfills.get(T1, C1) is None
        assert await tx.backfills.offer(T1, C1, now=1.0)
        assert await tx.backfills.offer(T1, C1, now=2.0)  # nobody knows of a message yet
        await tx.backfills.offered(T1, C1, "5.0")
        assert not await tx.backfills.offer(T1, C1, now=3.0)
        backfill = await got(tx)
    assert (backfill.state, backfill.message_ts, backfill.page) == (BackfillState.OFFERED, "5.0", 1)


async def test_what_was_accepted_runs_from_then_on_and_is_started_once(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.backfills.offer(T1, C1, now=1.0)
        assert not await tx.backfills.due(now=9.0)
        assert not await advance(tx, page=2)
        assert await tx.backfills.start(T1, C1, requested_by=U1, now=2.0)
        assert not await tx.backfills.start(T1, C1, requested_by=UserId("U2"), now=3.0)
        assert not await tx.backfills.offer(T1, C1, now=4.0)
        (backfill,) = await tx.backfills.due(now=9.0)
        assert not await tx.backfills.start(T1, C2, requested_by=U1, now=3.0)  # never offered
    assert (backfill.state, backfill.requested_by, backfill.found) == (BackfillState.RUNNING, U1, 0)


async def test_pages_add_up_and_a_repeated_one_adds_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await running(tx)
        for page in (2, 2, 3, 2):
            assert await advance(tx, page)
        backfill = await got(tx)
        assert (backfill.page, backfill.found, backfill.accepted, backfill.skipped) == (3, 20, 14, 6)
        assert await tx.backfills.finish(T1, C1, now=4.0)
        assert not await tx.backfills.finish(T1, C1, now=5.0)
        assert not await tx.backfills.due(now=1e9)
        assert (await got(tx)).state == BackfillState.DONE


async def test_a_page_that_could_not_be_read_waits_and_the_next_success_forgets_it(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await running(tx)
        await tx.backfills.postpone(T1, C1, error="busy", not_before=50.0)
        assert not await tx.backfills.due(now=49.0)
        (backfill,) = await tx.backfills.due(now=50.0)
        assert (backfill.attempts, backfill.error) == (1, "busy")
        await advance(tx, page=2)
        backfill = await got(tx)
        assert (backfill.attempts, backfill.error) == (0, None)


async def test_channels_take_turns(database: Database) -> None:
    async with database.transaction() as tx:
        await running(tx, C1, now=1.0)
        await running(tx, C2, now=2.0)
        assert [backfill.channel_id for backfill in await tx.backfills.due(now=9.0)] == [C1, C2]
        await advance(tx, page=2, now=3.0)
        assert [backfill.channel_id for backfill in await tx.backfills.due(now=9.0)] == [C2, C1]


async def test_what_runs_can_be_stopped_and_later_goes_on_where_it_was(database: Database) -> None:
    async with database.transaction() as tx:
        await running(tx)
        await advance(tx, page=2)
        assert await tx.backfills.decline(T1, C1, now=3.0)
        assert not await tx.backfills.decline(T1, C1, now=4.0)
        assert not await advance(tx, page=3)
        assert await tx.backfills.start(T1, C1, requested_by=U1, now=5.0)
        backfill = await got(tx)
    assert (backfill.state, backfill.page, backfill.found) == (BackfillState.RUNNING, 2, 10)


async def test_what_failed_says_why_until_somebody_starts_it_again(database: Database) -> None:
    async with database.transaction() as tx:
        await running(tx)
        assert await tx.backfills.fail(T1, C1, error="files:read is missing", now=3.0)
        assert not await tx.backfills.fail(T1, C1, error="again", now=4.0)
        backfill = await got(tx)
        assert (backfill.state, backfill.error) == (BackfillState.FAILED, "files:read is missing")
        assert await tx.backfills.start(T1, C1, requested_by=U1, now=5.0)
        assert (await got(tx)).error is None


async def test_a_channel_that_invites_us_again_is_offered_afresh(database: Database) -> None:
    async with database.transaction() as tx:
        await running(tx)
        await advance(tx, page=2)
        await tx.backfills.finish(T1, C1, now=3.0)
        assert await tx.backfills.offer(T1, C1, now=9.0)
        backfill = await got(tx)
    assert (backfill.state, backfill.page, backfill.found) == (BackfillState.OFFERED, 1, 0)
    assert (backfill.message_ts, backfill.requested_by, backfill.created_at) == (None, None, 9.0)


async def test_nothing_runs_in_a_workspace_that_uninstalled(database: Database) -> None:
    async with database.transaction() as tx:
        await running(tx)
        await tx.workspaces.uninstall(T1, now=2.0)
        assert not await tx.backfills.due(now=9.0)


STEPS = ("offer", "start", "decline", "advance", "finish", "fail", "postpone")
examples = itertools.count()


def test_whatever_is_pressed_in_whatever_order_numbers_and_state_agree(runs: Run) -> None:
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(2, 5)), min_size=4, max_size=25))
    @settings(max_examples=40, deadline=None)
    def check(steps: list[Any]) -> None:
        async def scenario(database: Database) -> None:
            channel = ChannelId(f"C{next(examples)}")
            async with database.transaction() as tx:
                for step, page in steps:
                    before = await tx.backfills.get(T1, channel)
                    state = before and before.state
                    told = await press(tx, channel, step, page)
                    after = await tx.backfills.get(T1, channel)
                    assert told is None or told == expected(step, state)
                    assert after is None or after.found == after.accepted + after.skipped
                    if before is not None and after is not None and step != "offer":
                        assert after.page >= before.page
                        assert (after.found > before.found) == (after.page > before.page)

        runs(scenario)

    check()


def expected(step: str, state: str | None) -> bool:
    """Whether a step counts in a state; nobody ever says that an offer was posted."""
    if step == "offer":
        return state != BackfillState.RUNNING
    if step == "start":
        return state in {BackfillState.OFFERED, BackfillState.DECLINED, BackfillState.FAILED}
    if step == "decline":
        return state in {BackfillState.OFFERED, BackfillState.RUNNING}
    return state == BackfillState.RUNNING


async def press(tx: Repositories, channel: ChannelId, step: str, page: int) -> bool | None:
    backfills, told = tx.backfills, None
    match step:
        case "offer":
            told = await backfills.offer(T1, channel, now=1.0)
        case "start":
            told = await backfills.start(T1, channel, requested_by=U1, now=2.0)
        case "decline":
            told = await backfills.decline(T1, channel, now=2.0)
        case "advance":
            told = await backfills.advance(T1, channel, page=page, found=2, accepted=1, skipped=1, now=3.0)
        case "finish":
            told = await backfills.finish(T1, channel, now=4.0)
        case "fail":
            told = await backfills.fail(T1, channel, error="x", now=4.0)
        case _:
            await backfills.postpone(T1, channel, error="x", not_before=0.0)
    return told
