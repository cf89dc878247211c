"""Two replicas on one database, with one clock for both that the tests turn."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.tables import sqlite_in

from bot.database import Database
from bot.documents.conversations import Thread
from bot.documents.tables import Turn
from bot.domain import ChannelId, FileId, Job, Message, Status, UserId, WorkspaceId
from bot.errors import ProviderUnavailable
from bot.ingest.queue import DocumentQueue
from bot.ingest.replica import Beat, Replica

T1, C1 = WorkspaceId("T1"), ChannelId("C1")
LEASE_S = 10.0
names = itertools.count()


class Silent:
    """Nobody is told of documents here."""

    def document_changed(self, document_id: str) -> None:
        pass


class Hand:
    """One replica, and what it has under way. Where it is frozen, nothing is called."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.transaction = database.transaction
        self.clock = clock
        self.beats: list[Beat] = []
        self.replica = Replica(database.transaction, alone=False, lease_s=LEASE_S, clock=clock, timer=clock)
        self.replica.on_beat.append(self.beats.append)
        self.queue = DocumentQueue(database.transaction, Silent(), holder=self.replica.holder, clock=clock)
        self.jobs: list[Job] = []
        self.turns: list[Turn] = []

    async def claim(self) -> None:
        if job := await self.queue.claim():
            self.jobs.append(job)

    async def finish(self) -> str | None:
        """The document whose finishing counted."""
        if not self.jobs:
            return None
        job = self.jobs.pop(0)
        async with self.transaction() as tx:
            done = await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=self.clock())
        return job.key if done else None

    async def take_question(self) -> None:
        if holder := self.replica.holder():
            async with self.transaction() as tx:
                under_way = [(t.workspace_id, t.channel_id, t.message_ts) for t in self.turns]
                due = await tx.conversations.due(now=self.clock(), limit=1, besides=under_way, holder=holder)
                await tx.conversations.hold(due, holder)
            self.turns += due

    async def answer(self) -> str | None:
        """The question that may be answered now, and is."""
        if not self.turns:
            return None
        turn = self.turns.pop(0)
        async with self.transaction() as tx:
            ours = await tx.conversations.posting(turn, now=self.clock())
            await tx.conversations.answered(turn, now=self.clock())
        return turn.message_ts if ours else None


class Pair:
    """A database with documents and questions for two."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 1_000.0
        self.done: Counter[str] = Counter()

    def hand(self) -> Hand:
        return Hand(self.database, lambda: self.now)

    async def bring(self, number: int) -> list[str]:
        ids = []
        async with self.database.transaction() as tx:
            for _ in range(number):
                name = str(next(names))
                message = Message(C1, "1.0")
                accepted = await tx.documents.accept(T1, FileId(f"F{name}"), message, now=self.now)
                await tx.conversations.ask(
                    Thread(T1, C1, name), name, UserId("U1"), "?", "mention", now=self.now
                )
                ids += [accepted.document_id, name]
        return ids

    async def do(self, hand: Hand, what: str) -> None:
        match what:
            case "wait":
                self.now += 4.0
            case "beat":
                await hand.replica.beat()
            case _:
                if done := await getattr(hand, what)():
                    self.done[done] += 1


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[Pair]:
    database = await Database.open(sqlite_in(folder), lock_dir=folder)
    try:
        yield Pair(database)
    finally:
        await database.close()


STEP = st.tuples(
    st.sampled_from([0, 1]),
    st.sampled_from(["claim", "finish", "take_question", "answer", "beat", "wait", "wait"]),
)


def test_however_two_replicas_claim_freeze_lapse_and_finish_all_is_done_once(tmp_path: Path) -> None:
    with asyncio.Runner() as loop:
        opened = pair(tmp_path)
        shared = loop.run(opened.__aenter__())

        @given(st.lists(STEP, max_size=30))
        @settings(max_examples=25, deadline=None)
        def check(steps: list[tuple[int, str]]) -> None:
            loop.run(_play(shared, steps))

        try:
            check()
        finally:
            loop.run(opened.__aexit__(None, None, None))


async def _play(shared: Pair, steps: list[tuple[int, str]]) -> None:
    shared.done.clear()
    hands = [shared.hand(), shared.hand()]
    for hand in hands:
        await hand.replica.join()
    brought = await shared.bring(3)
    for who, what in steps:
        await shared.do(hands[who], what)
    shared.now += 1_000.0  # both are dead from here on, or nearly: what they had under way comes late
    heir = shared.hand()
    await heir.replica.join()
    for what in ["claim", "finish", "take_question", "answer"] * 3:
        await shared.do(heir, what)
        for hand in hands:
            if what in {"finish", "answer"}:
                await shared.do(hand, what)
    await heir.replica.leave()
    assert shared.done == Counter(brought)


async def test_a_lapsed_replica_loses_what_it_held_and_goes_on_under_another_name(tmp_path: Path) -> None:
    async with pair(tmp_path) as shared:
        first, second = shared.hand(), shared.hand()
        await first.replica.join()
        await second.replica.join()
        assert first.beats[-1] == Beat(living=1, eldest=True, freed=False)
        assert second.beats[-1] == Beat(living=2, eldest=False, freed=False)
        await shared.bring(1)
        await first.claim()
        shared.now += LEASE_S - 1
        await second.replica.beat()
        await second.claim()
        assert not second.jobs, "a lease that hasn't lapsed is respected"
        shared.now += 2
        assert first.replica.holder() is None
        assert await first.queue.claim() is None, "a replica that was frozen asks before it claims"
        beat = await second.replica.beat()
        assert beat == Beat(living=1, eldest=True, freed=True)
        assert second.replica.eldest.is_set()
        await second.claim()
        assert second.jobs[0].attempt == 2
        assert await first.finish() is None
        former = first.replica.id
        await first.replica.beat()
        assert first.replica.id != former
        assert not first.replica.eldest.is_set(), "who comes back is the youngest"
        assert await second.finish()


async def test_a_replica_that_leaves_waits_for_no_lease(tmp_path: Path) -> None:
    async with pair(tmp_path) as shared:
        first, second = shared.hand(), shared.hand()
        await first.replica.join()
        await second.replica.join()
        await shared.bring(1)
        await first.take_question()
        await first.claim()
        await first.replica.leave()
        beat = await second.replica.beat()
        assert (beat.eldest, beat.freed) == (True, True)
        await second.take_question()
        await second.claim()
        assert (len(second.turns), len(second.jobs)) == (1, 1)


async def test_whoever_is_alone_takes_over_what_a_dead_process_held_at_once(tmp_path: Path) -> None:
    async with pair(tmp_path) as shared:
        dead = shared.hand()
        await dead.replica.join()
        await shared.bring(1)
        await dead.claim()
        alone = Replica(shared.database.transaction, alone=True)
        await alone.join()
        assert alone.eldest.is_set()
        assert alone.holder()
        async with shared.database.transaction() as tx:
            assert (await tx.documents.counts_all())[Status.PENDING] == 1


async def test_an_event_that_another_replica_holds_is_left_to_it_while_that_one_lives(tmp_path: Path) -> None:
    async with pair(tmp_path) as shared:
        first, second = shared.hand(), shared.hand()
        await first.replica.join()
        await second.replica.join()

        async def take(hand: Hand) -> list[str]:
            async with shared.database.transaction() as tx:
                events = await tx.inbox.due(now=shared.now, limit=9, holder=hand.replica.id)
            return [event.event_id for event in events]

        async with shared.database.transaction() as tx:
            await tx.inbox.add("Ev1", T1, "message", {}, now=1.0)
        assert await take(first) == ["Ev1"]
        assert await take(second) == []
        async with shared.database.transaction() as tx:
            assert await tx.inbox.next_due_in(now=shared.now) is None, "others needn't look for it"
        assert await take(first) == ["Ev1"], "what could not be noted as done is taken again"
        await first.replica.leave()
        assert await take(second) == ["Ev1"]


async def test_who_cannot_renew_its_lease_stops_doing_what_one_does_for_all(tmp_path: Path) -> None:
    async with pair(tmp_path) as shared:
        hand = shared.hand()
        await hand.replica.join()

        class Away:
            async def __aenter__(self) -> None:
                shared.now += LEASE_S
                raise ProviderUnavailable("the database is away")

            async def __aexit__(self, *_: object) -> None:
                pass

        hand.replica._transaction = Away
        running = asyncio.create_task(hand.replica.run())
        assert hand.replica.eldest.is_set()
        hand.replica.look()
        async with asyncio.timeout(5):
            while True:
                await asyncio.sleep(0)
                if not hand.replica.eldest.is_set():
                    break
        assert hand.replica.holder() is None
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
