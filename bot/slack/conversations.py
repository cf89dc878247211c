"""Questions from mentions, threads and direct messages: kept when they come, answered once.

A listener only notes the question; its event is done then, and holds up no other. The `turn` rows are
the truth: what was not answered when the process died is answered after it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from bot.correlation import correlated, fresh
from bot.documents.conversations import Thread
from bot.documents.replicas import ALONE
from bot.documents.repository import Transaction
from bot.documents.tables import Turn
from bot.errors import FaultMavenError, MessageRefused, RateLimited, RetryLater
from bot.jobs.causes import causes
from bot.jobs.retry import delay_s
from bot.ports import PosterOf
from bot.slack.deliver import TurnLost
from bot.slack.render import words
from bot.slack.talk import Heard, Meant, meaning

log = structlog.get_logger(__name__)

IN_FLIGHT = 8
IN_FLIGHT_OF_ONE = 2
"""Of one person's questions, so that whoever asks fifty holds up nobody else."""
LOOK_AT = 50
POLL_S = 5.0
NOT_ALIVE_S = 0.5
"""Between looks while this replica may count as dead and mustn't claim."""
MAX_ATTEMPTS = 5
"""About a minute and a half of tries; then whoever asked gets the reason."""
LATEST_S = 24 * 3600.0
"""A question that waited longer, since we were away, is not answered any more."""
HISTORY = 6
MUTED = "I keep out of this thread from now on. Mention me, or say `resume`, when you want me back."
RESUMED = "I am back: ask on in this thread, without mentioning me."
Key = tuple[str, str, str]


class Answering(Protocol):
    """How one question is answered."""

    async def answer(self, turn: Turn, history: Sequence[str]) -> None:
        """Answer it where it was asked; `history` are earlier questions. Repeatable."""
        ...

    async def give_reason(self, turn: Turn, error: BaseException) -> None:
        """Say why there is no answer. Repeatable."""
        ...


class Conversations:
    """Takes questions in and sees to it that each is answered."""

    def __init__(
        self,
        transaction: Transaction,
        poster_of: PosterOf,
        *,
        holder: Callable[[], str | None] = lambda: ALONE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transaction = transaction
        self._holder = holder
        self._poster_of = poster_of
        self._clock = clock
        self._wake = asyncio.Event()
        self._under_way: dict[Key, asyncio.Task[None]] = {}
        self._askers: Counter[str] = Counter()
        self._rng = random.Random()  # noqa: S311  # spreads retries, guards nothing

    async def hear(self, heard: Heard) -> None:
        """A message that may be for us. Repeatable: a message is one question."""
        async with self._transaction() as tx:
            known = await tx.conversations.known(heard.thread)
            takes_part = known and await tx.conversations.takes_part(heard.thread, heard.user)
            meant = meaning(heard, known=known, takes_part=takes_part)
            now = self._clock()
            if meant is Meant.QUESTION:
                await tx.conversations.ask(
                    heard.thread, heard.ts, heard.user, heard.text, heard.surface, now=now
                )
            elif meant is not Meant.NOTHING:
                await tx.conversations.mute(heard.thread, muted_at=now if meant is Meant.MUTE else None)
        if meant is Meant.QUESTION:
            log.info("question_taken", workspace=heard.thread.workspace, surface=heard.surface)
            self._wake.set()
        elif meant is not Meant.NOTHING:
            await self._confirm(heard, MUTED if meant is Meant.MUTE else RESUMED)

    def look(self) -> None:
        """There may be questions to answer that others left."""
        self._wake.set()

    async def withdraw(self, thread: Thread) -> None:
        """The message that `thread.ts` names was deleted: if it was a question, it is none any more."""
        async with self._transaction() as tx:
            await tx.conversations.withdraw(thread.workspace, thread.channel, thread.ts)
        if task := self._under_way.get((thread.workspace, thread.channel, thread.ts)):
            task.cancel()

    async def _confirm(self, heard: Heard, said: str) -> None:
        thread, content = heard.thread, words(said)
        poster = self._poster_of(thread.workspace)
        if heard.surface == "direct":
            await poster.post(thread.channel, thread.ts, content, f"word:{heard.ts}")
        else:
            await poster.post_ephemeral(thread.channel, heard.user, thread.ts, content)

    async def run(self, answering: Answering) -> None:
        """Answer until cancelled; what is under way then is answered after the next start."""
        try:
            while True:
                self._wake.clear()
                try:
                    pause_s = await self._start_due(answering)
                except Exception as error:  # noqa: BLE001  # the worker: the database may be full; the rows stay
                    log.error("conversations_stalled", causes=causes(error))
                    pause_s = 1.0
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def drain(self, timeout_s: float) -> None:
        """Wait for the answers under way, not for others to begin."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=timeout_s)

    async def _start_due(self, answering: Answering) -> float:
        """Begin what is due and has room; the seconds until there may be more."""
        now, holder = self._clock(), self._holder()
        if holder is None:
            return NOT_ALIVE_S
        async with self._transaction() as tx:
            due = await tx.conversations.due(
                now=now, limit=LOOK_AT, besides=self._under_way.keys(), holder=holder
            )
            chosen = self._with_room(due)
            await tx.conversations.hold(chosen, holder)
            next_s = await tx.conversations.next_due_in(now=now)
        for turn in chosen:
            self._start(turn, answering)
        return POLL_S if next_s is None else min(max(next_s, 0.01), POLL_S)

    def _with_room(self, due: Sequence[Turn]) -> list[Turn]:
        askers, chosen = self._askers.copy(), list[Turn]()
        for turn in due:
            if len(self._under_way) + len(chosen) < IN_FLIGHT and askers[turn.asker] < IN_FLIGHT_OF_ONE:
                chosen.append(turn)
                askers[turn.asker] += 1
        return chosen

    def _start(self, turn: Turn, answering: Answering) -> None:
        key = (turn.workspace_id, turn.channel_id, turn.message_ts)
        with correlated(turn.correlation_id or fresh("question")):  # the task inherits it
            task = asyncio.create_task(self._see_to(turn, answering), name="answer")
        self._under_way[key] = task
        self._askers[turn.asker] += 1

        def done(_: asyncio.Task[None]) -> None:
            del self._under_way[key]
            self._askers[turn.asker] -= 1
            self._wake.set()

        task.add_done_callback(done)

    async def _see_to(self, turn: Turn, answering: Answering) -> None:
        """One attempt at a question, and what follows from how it ended. Never raises."""
        try:
            await self._attempt(turn, answering)
        except Exception as error:  # noqa: BLE001  # the worker: a full disk, say; the row stays
            log.error("turn_not_noted", causes=causes(error))
            await asyncio.sleep(1.0)

    async def _attempt(self, turn: Turn, answering: Answering) -> None:
        error: str | None = None
        try:
            if self._clock() - turn.created_at > LATEST_S:
                error = "too_late"
            else:
                await self._answer(turn, answering)
        except TurnLost:
            log.info("question_lost", workspace=turn.workspace_id)
            return
        except MessageRefused as refused:  # the channel is gone, or we are no longer in it
            error = refused.code
        except RetryLater as later:
            if turn.attempts + 1 < MAX_ATTEMPTS:
                await self._postpone(turn, later)
                return
            error = later.code
        except FaultMavenError as failure:
            error = failure.public_message
        async with self._transaction() as tx:
            await tx.conversations.answered(turn, now=self._clock(), error=error)
        log.info("question_closed", workspace=turn.workspace_id, error=error)

    async def _answer(self, turn: Turn, answering: Answering) -> None:
        async with self._transaction(reading=True) as tx:
            history = await tx.conversations.history(turn, HISTORY)
        try:
            await answering.answer(turn, history)
        except (MessageRefused, TurnLost):
            raise
        except Exception as error:  # the edge: whoever asked gets an answer or a reason
            last = turn.attempts + 1 >= MAX_ATTEMPTS
            if isinstance(error, RetryLater) and not last:
                raise
            log.error("question_not_answered", workspace=turn.workspace_id, causes=causes(error))
            await answering.give_reason(turn, error)

    async def _postpone(self, turn: Turn, error: RetryLater) -> None:
        asked_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0
        wait_s = asked_s or delay_s(turn.attempts + 1, rng=self._rng)
        log.info("answer_postponed", workspace=turn.workspace_id, causes=causes(error))
        async with self._transaction() as tx:
            await tx.conversations.postpone(
                turn, error=error.public_message, not_before=self._clock() + wait_s
            )
