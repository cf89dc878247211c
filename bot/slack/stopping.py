"""Stop: whoever asked wants no answer any more, and what is being written ends where it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from bot.documents.conversations import Thread
from bot.documents.repository import Transaction
from bot.documents.tables import Turn
from bot.domain import UserId
from bot.errors import MessageRefused
from bot.ports import MessagePoster
from bot.slack.render import words

STOPPED_WORDS = "Stopped, as you asked."


def _nobody(*_key: str) -> None:
    """There are no other replicas."""


class Stops:
    """The answers that are being written here, each with the event that ends it.

    `tell` lets other replicas hear of one that isn't: they call `heard`.
    """

    def __init__(self, tell: Callable[..., None] = _nobody) -> None:
        self._tell = tell
        self._under_way: dict[tuple[str, str, str], asyncio.Event] = {}

    async def until_stopped(self, turn: Turn, work: Coroutine[Any, Any, None]) -> bool:
        """Do the work of a question; False when it was stopped meanwhile and the work cancelled."""
        stop = self._under_way.setdefault(_key(turn), asyncio.Event())
        tasks = [asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                tasks[0].result()
                return True
            return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._under_way.pop(_key(turn), None)

    def stop(self, turn: Turn) -> bool:
        """End the work of a question, wherever that is; whether it was under way here."""
        here = self.heard(*_key(turn))
        if not here:
            self._tell(*_key(turn))
        return here

    def heard(self, workspace: str, channel: str, message_ts: str) -> bool:
        """Somebody wants no answer to this question any more; whether it was under way here."""
        stop = self._under_way.get((workspace, channel, message_ts))
        if stop is not None:
            stop.set()
        return stop is not None


async def stop_answers(
    stops: Stops,
    transaction: Transaction,
    poster: MessagePoster,
    *,
    thread: Thread,
    asker: UserId,
    now: float,
) -> None:
    """Answer none of this person's open questions in a thread any more. Repeatable.

    An answer that is under way says itself that it ends; for a question that waited it is said here.
    Another replica that writes the answer is told; one that didn't hear of it finds out before it posts.
    """
    async with transaction() as tx:
        turns = await tx.conversations.stop(thread, asker, now=now)
    for turn in turns:
        if not stops.stop(turn) and turn.holder is None:
            with suppress(MessageRefused):  # the channel is gone: nobody is there to be told
                await poster.post(
                    thread.channel, thread.ts, words(STOPPED_WORDS), f"stopped:{turn.message_ts}"
                )
    await poster.show_status(thread.channel, thread.ts, "")


def _key(turn: Turn) -> tuple[str, str, str]:
    return turn.workspace_id, turn.channel_id, turn.message_ts
