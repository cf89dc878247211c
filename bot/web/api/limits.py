"""How often one may ask: so many requests in each minute of the clock, and so many uploads at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from bot.web.api.problems import ApiProblem

WINDOW_S = 60
MAX_KNOWN = 10_000
"""Who else asks meanwhile displaces the one that began first."""
UPLOADS_AT_ONCE = 4
PARTS = 20
"""Replicas take a minute's requests in so many parts: a write each, and what one took the others lack."""

Take = Callable[[str, int, int], Awaitable[tuple[int, int]]]
"""By whom, in which minute, how many are wanted → how many there are, and how many are left to take."""


@dataclass(slots=True)
class _Window:
    """`taken` are this process's own; none are `left` once all are some process's."""

    minute: int
    asked: int = 0
    taken: int = 0
    left: int = 1
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Limits:
    """By whom is a key, or the address of somebody without one.

    Without `take` this process has all requests of a minute to itself; with it replicas share them.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.time, take: Take | None = None
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._take = take or self._all
        self._windows: dict[str, _Window] = {}
        self._uploads: Counter[str] = Counter()

    def check(self, who: str) -> None:
        """Raise ApiProblem (429) for somebody who asked too often, without counting."""
        window = self._windows.get(who)
        if window and window.asked >= self._per_minute and window.minute == self._minute():
            raise too_many("Too many requests.", f"{self._reset_s()}", {})

    async def ask(self, who: str) -> dict[str, str]:
        """Count a request; the headers that tell how many are left. Raises ApiProblem (429), RetryLater."""
        window = self._window(who)
        window.asked += 1
        while window.asked > window.taken and window.left:
            async with window.taking:
                if window.asked > window.taken and window.left:
                    wanted = max(self._per_minute // PARTS, 1)
                    more, window.left = await self._take(who, window.minute, wanted)
                    window.taken += more
        left, reset_s = max(window.taken - window.asked, 0) + window.left, self._reset_s()
        headers = {
            "RateLimit-Policy": f'"requests";q={self._per_minute};w={WINDOW_S}',
            "RateLimit": f'"requests";r={left};t={reset_s}',
        }
        if window.asked > window.taken:
            raise too_many(f"At most {self._per_minute} requests a minute.", f"{reset_s}", headers)
        return headers

    @contextmanager
    def uploading(self, who: str) -> Iterator[None]:
        """Count an upload until the block ends. Raises ApiProblem (429)."""
        if self._uploads[who] >= UPLOADS_AT_ONCE:
            raise too_many(f"At most {UPLOADS_AT_ONCE} uploads at once.", "5", {})
        self._uploads[who] += 1
        try:
            yield
        finally:
            self._uploads[who] -= 1
            if not self._uploads[who]:
                del self._uploads[who]

    def _window(self, who: str) -> _Window:
        window, minute = self._windows.get(who), self._minute()
        if window is None or window.minute != minute:
            self._windows.pop(who, None)
            if len(self._windows) >= MAX_KNOWN:
                self._windows.pop(next(iter(self._windows)))
            window = self._windows[who] = _Window(minute)
        return window

    def _minute(self) -> int:
        return int(self._clock() // WINDOW_S)

    def _reset_s(self) -> int:
        """Whole seconds until the next minute."""
        return WINDOW_S - int(self._clock() % WINDOW_S)

    async def _all(self, _who: str, _minute: int, _wanted: int) -> tuple[int, int]:
        return self._per_minute, 0


def too_many(detail: str, retry_after_s: str, headers: dict[str, str]) -> ApiProblem:
    """Ask again later."""
    return ApiProblem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_requests",
        detail,
        headers=headers | {"Retry-After": retry_after_s},
    )
