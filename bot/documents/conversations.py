"""Threads in which people ask us, and their questions, kept until each is answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, delete, func, select, tuple_, update
from sqlalchemy.orm.attributes import set_committed_value

from bot.correlation import current
from bot.documents.replicas import is_free
from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import CONVERSATION, TURN, WORKSPACE, Turn
from bot.domain import ChannelId, UserId, WorkspaceId

STOPPED = "stopped"
"""The `error` of a question that was stopped by whoever asked it."""
_OPEN = TURN.c.answered_at.is_(None)


@dataclass(frozen=True, slots=True)
class Thread:
    """Which thread of which channel of which workspace; `ts` is its first message's."""

    workspace: WorkspaceId
    channel: ChannelId
    ts: str


class ConversationRepository(Repository):
    """One row per thread and one per question."""

    async def ask(
        self, thread: Thread, message_ts: str, asker: UserId, question: str, surface: str, *, now: float
    ) -> bool:
        """Keep a question until it is answered; False when the message is known already. Repeatable."""
        await self._insert_or_nothing(WORKSPACE, id=thread.workspace, installed_at=now)
        await self._insert_or_nothing(
            CONVERSATION,
            workspace_id=thread.workspace,
            channel_id=thread.channel,
            thread_ts=thread.ts,
            created_at=now,
        )
        return await self._insert_or_nothing(
            TURN,
            workspace_id=thread.workspace,
            channel_id=thread.channel,
            message_ts=message_ts,
            thread_ts=thread.ts,
            asker=asker,
            question=storable(question, MAX_WORDS_CHARS),
            surface=surface,
            created_at=now,
            correlation_id=current(),
        )

    async def takes_part(self, thread: Thread, asker: UserId) -> bool:
        """Whether this person asked us before in a thread in which we are not muted."""
        asked = select(TURN.c.message_ts).where(_in(TURN, thread), TURN.c.asker == asker).limit(1)
        muted = select(CONVERSATION.c.muted_at).where(_in(CONVERSATION, thread))
        return bool(await self._session.scalar(asked)) and await self._session.scalar(muted) is None

    async def known(self, thread: Thread) -> bool:
        """Whether somebody asked us in this thread."""
        return bool(
            await self._session.scalar(select(CONVERSATION.c.created_at).where(_in(CONVERSATION, thread)))
        )

    async def mute(self, thread: Thread, *, muted_at: float | None) -> bool:
        """Keep out of a thread from now on, or (None) no longer; False when nobody asked us there."""
        return (
            await self._write(update(CONVERSATION).where(_in(CONVERSATION, thread)).values(muted_at=muted_at))
            > 0
        )

    async def due(
        self, *, now: float, limit: int, besides: Collection[tuple[str, str, str]], holder: str | None = None
    ) -> Sequence[Turn]:
        """Questions to be answered now, oldest first, without those under way (workspace, channel, ts).

        Without those, too, that another living replica than `holder` holds.
        """
        key = tuple_(TURN.c.workspace_id, TURN.c.channel_id, TURN.c.message_ts)
        free = is_free(TURN.c.holder) | (TURN.c.holder == holder)
        query = select(Turn).where(_OPEN, TURN.c.not_before <= now, free)
        if besides:
            query = query.where(key.not_in(list(besides)))
        rows = await self._session.scalars(query.order_by(TURN.c.created_at, TURN.c.message_ts).limit(limit))
        return rows.all()

    async def next_due_in(self, *, now: float) -> float | None:
        """Seconds until the next question that waits is due, or None when none waits."""
        due_at = await self._session.scalar(
            select(func.min(TURN.c.not_before)).where(_OPEN, TURN.c.not_before > now)
        )
        return None if due_at is None else max(0.0, due_at - now)

    async def history(self, turn: Turn, limit: int) -> list[str]:
        """The questions of a thread before this one, oldest first. Whoever sees the thread saw them."""
        rows = await self._session.scalars(
            select(TURN.c.question)
            .where(
                TURN.c.workspace_id == turn.workspace_id,
                TURN.c.channel_id == turn.channel_id,
                TURN.c.thread_ts == turn.thread_ts,
                TURN.c.message_ts < turn.message_ts,
            )
            .order_by(TURN.c.message_ts.desc())
            .limit(limit)
        )
        return list(rows)[::-1]

    async def hold(self, turns: Sequence[Turn], holder: str) -> None:
        """Claim questions for a replica: as long as it lives, no other one answers them."""
        for turn in turns:
            await self._write(update(TURN).where(_is(turn)).values(holder=holder))
            set_committed_value(turn, "holder", holder)

    async def posting(self, turn: Turn, *, now: float) -> bool:
        """Note that a reply is about to be posted: after a crash it may be there without our knowing.

        False when the question is withdrawn, answered or another replica's: then nothing may be posted.
        """
        ours = TURN.c.holder.is_not_distinct_from(turn.holder)
        return await self._write(update(TURN).where(_is(turn), ours).values(posting_since=now)) > 0

    async def posted(self, turn: Turn, reply_ts: str) -> None:
        """Our reply is this message; it may still have to be completed."""
        ours = TURN.c.holder.is_not_distinct_from(turn.holder)
        await self._write(update(TURN).where(_is(turn), ours).values(reply_ts=reply_ts, posting_since=None))

    async def answered(self, turn: Turn, *, now: float, error: str | None = None) -> None:
        """The question has its answer, or nobody can take one there any more. Repeatable."""
        words = error and storable(error, MAX_WORDS_CHARS)
        await self._write(update(TURN).where(_held(turn)).values(answered_at=now, error=words, holder=None))

    async def stop(self, thread: Thread, asker: UserId, *, now: float) -> Sequence[Turn]:
        """Somebody wants no answer any more: their open questions in a thread, closed now. Repeatable."""
        mine = (_in(TURN, thread), TURN.c.asker == asker, _OPEN)
        turns = (await self._session.scalars(select(Turn).where(*mine))).all()
        await self._write(update(TURN).where(*mine).values(answered_at=now, error=STOPPED))
        return turns

    async def stopped(self, turn: Turn) -> bool:
        """Whether whoever asked wants no answer any more."""
        return await self._session.scalar(select(TURN.c.error).where(_is(turn), ~_OPEN)) == STOPPED

    async def postpone(self, turn: Turn, *, error: str, not_before: float) -> None:
        """It could not be answered now: to be tried again, not before `not_before`."""
        await self._write(
            update(TURN)
            .where(_held(turn))
            .values(
                attempts=TURN.c.attempts + 1,
                error=storable(error, MAX_WORDS_CHARS),
                not_before=not_before,
                holder=None,
            )
        )

    async def withdraw(self, workspace: WorkspaceId, channel: ChannelId, message_ts: str) -> bool:
        """Forget a question whose message was deleted; whether there was one."""
        gone = delete(TURN).where(
            TURN.c.workspace_id == workspace,
            TURN.c.channel_id == channel,
            TURN.c.message_ts == message_ts,
        )
        return await self._write(gone) > 0

    async def open_count(self) -> int:
        """How many questions wait for their answer."""
        return await self._session.scalar(select(func.count()).select_from(TURN).where(_OPEN)) or 0

    async def purge(self, *, before: float) -> int:
        """Forget what was answered before that time, and threads without questions; how many questions."""
        gone = await self._write(delete(TURN).where(TURN.c.answered_at < before))
        asked = select(TURN.c.message_ts).where(
            TURN.c.workspace_id == CONVERSATION.c.workspace_id,
            TURN.c.channel_id == CONVERSATION.c.channel_id,
            TURN.c.thread_ts == CONVERSATION.c.thread_ts,
        )
        await self._write(delete(CONVERSATION).where(CONVERSATION.c.created_at < before, ~asked.exists()))
        return gone


def _in(table: Table, thread: Thread) -> ColumnElement[bool]:
    return and_(
        table.c.workspace_id == thread.workspace,
        table.c.channel_id == thread.channel,
        table.c.thread_ts == thread.ts,
    )


def _is(turn: Turn) -> ColumnElement[bool]:
    return and_(
        TURN.c.workspace_id == turn.workspace_id,
        TURN.c.channel_id == turn.channel_id,
        TURN.c.message_ts == turn.message_ts,
    )


def _held(turn: Turn) -> ColumnElement[bool]:
    """The question, if it is open and held as it was when it was read."""
    return and_(_is(turn), _OPEN, TURN.c.holder.is_not_distinct_from(turn.holder))
