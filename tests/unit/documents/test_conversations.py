from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.database import Database
from bot.documents.conversations import Thread
from bot.documents.repository import Repositories
from bot.domain import ChannelId, UserId, WorkspaceId

ALICE, BOB = UserId("U1"), UserId("U2")
THREAD = Thread(WorkspaceId("T1"), ChannelId("C1"), "1.0")
OTHER = Thread(WorkspaceId("T1"), ChannelId("C2"), "1.0")


@pytest.fixture
async def tx(database: Database) -> AsyncIterator[Repositories]:
    async with database.transaction() as repositories:
        yield repositories


async def asked(tx: Repositories, ts: str, thread: Thread = THREAD, *, now: float = 1.0) -> bool:
    return await tx.conversations.ask(thread, ts, ALICE, f"question {ts}", "thread", now=now)


async def test_a_message_is_one_question_however_often_it_comes(tx: Repositories) -> None:
    assert await asked(tx, "1.0")
    assert not await asked(tx, "1.0", now=9.0)
    assert await tx.conversations.open_count() == 1


async def test_questions_are_due_in_their_order_until_they_are_answered(tx: Repositories) -> None:
    for ts, now in (("3.0", 3.0), ("1.0", 1.0), ("2.0", 2.0)):
        await asked(tx, ts, now=now)
    first, second, third = await tx.conversations.due(now=9.0, limit=9, besides=[])
    assert [first.message_ts, second.message_ts, third.message_ts] == ["1.0", "2.0", "3.0"]
    await tx.conversations.answered(first, now=9.0)
    await tx.conversations.postpone(second, error="away", not_before=20.0)
    assert [t.message_ts for t in await tx.conversations.due(now=9.0, limit=9, besides=[])] == ["3.0"]
    assert await tx.conversations.next_due_in(now=9.0) == 11.0
    under_way = [("T1", "C1", "3.0")]
    assert not await tx.conversations.due(now=9.0, limit=9, besides=under_way)


async def test_only_who_asked_in_a_thread_takes_part_in_it(tx: Repositories) -> None:
    await asked(tx, "1.0")
    assert await tx.conversations.takes_part(THREAD, ALICE)
    assert not await tx.conversations.takes_part(THREAD, BOB)
    assert not await tx.conversations.takes_part(OTHER, ALICE)
    assert await tx.conversations.mute(THREAD, muted_at=2.0)
    assert not await tx.conversations.takes_part(THREAD, ALICE)
    assert await tx.conversations.mute(THREAD, muted_at=None)
    assert await tx.conversations.takes_part(THREAD, ALICE)
    assert not await tx.conversations.mute(OTHER, muted_at=2.0)


async def test_the_history_of_a_question_is_what_was_asked_before_it_in_its_thread(tx: Repositories) -> None:
    for ts in ("1.0", "2.0", "3.0", "4.0"):
        await asked(tx, ts)
    await asked(tx, "2.5", OTHER)
    due = await tx.conversations.due(now=9.0, limit=9, besides=[])
    third = next(turn for turn in due if turn.message_ts == "3.0")
    assert await tx.conversations.history(third, 1) == ["question 2.0"]
    assert await tx.conversations.history(third, 9) == ["question 1.0", "question 2.0"]


async def test_a_reply_is_known_from_the_moment_it_may_exist(database: Database) -> None:
    async with database.transaction() as tx:
        await asked(tx, "1.0")
        (turn,) = await tx.conversations.due(now=9.0, limit=9, besides=[])
        await tx.conversations.posting(turn, now=9.0)
    async with database.transaction() as tx:
        (turn,) = await tx.conversations.due(now=9.0, limit=9, besides=[])
        assert (turn.posting_since, turn.reply_ts) == (9.0, None)
        await tx.conversations.posted(turn, "5.0")
    async with database.transaction() as tx:
        (turn,) = await tx.conversations.due(now=9.0, limit=9, besides=[])
        assert (turn.posting_since, turn.reply_ts) == (None, "5.0")


async def test_a_withdrawn_question_is_gone(tx: Repositories) -> None:
    await asked(tx, "1.0")
    assert await tx.conversations.withdraw(THREAD.workspace, THREAD.channel, "1.0")
    assert not await tx.conversations.withdraw(THREAD.workspace, THREAD.channel, "1.0")
    assert await tx.conversations.open_count() == 0


async def test_what_was_answered_long_ago_is_forgotten_and_what_waits_is_not(tx: Repositories) -> None:
    await asked(tx, "1.0")
    await asked(tx, "1.5", OTHER)
    first, _ = await tx.conversations.due(now=9.0, limit=9, besides=[])
    await tx.conversations.answered(first, now=9.0)
    assert await tx.conversations.purge(before=100.0) == 1
    assert not await tx.conversations.known(THREAD)
    assert await tx.conversations.known(OTHER)
