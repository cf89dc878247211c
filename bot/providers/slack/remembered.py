"""Answers of Slack's, kept for a while, and dropped at once when something is known to have changed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MAX_KEPT = 10_000
TRIES = 3
"""Questions asked again since something changed while Slack was answering."""


class Remembered(Generic[Key, Value]):
    """One answer a key, for at most `ttl_s` seconds from when it was asked for.

    Nothing is remembered that isn't `usable`: when changes may have happened that nobody told of.
    """

    def __init__(
        self,
        ttl_s: float,
        clock: Callable[[], float] = time.monotonic,
        usable: Callable[[], bool] = lambda: True,
    ) -> None:
        self._ttl_s = ttl_s
        self._usable = usable
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._changes = 0

    async def get(self, key: Key, ask: Callable[[], Awaitable[Value]]) -> Value:
        """What is remembered, else what `ask` says now. Raises what that raises, and keeps nothing then."""
        kept = self._kept.get(key)
        if kept and self._usable() and self._clock() - kept[0] < self._ttl_s:
            return kept[1]
        for _ in range(TRIES):
            changes, asked_at = self._changes, self._clock()
            answer = await ask()
            if changes == self._changes:
                self._kept[key] = (asked_at, answer)
                self._kept.move_to_end(key)
                if len(self._kept) > MAX_KEPT:
                    self._kept.popitem(last=False)
                break
        return answer

    def drop(self, concerned: Callable[[Key], bool]) -> None:
        """Forget the answers whose key is concerned; what is being answered now isn't kept either."""
        self._changes += 1
        for key in [key for key in self._kept if concerned(key)]:
            del self._kept[key]
