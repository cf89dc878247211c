"""How often one may ask: so many requests in each minute, and so many uploads at once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from bot.web.api.problems import ApiProblem

WINDOW_S = 60.0
MAX_KNOWN = 10_000
"""Who else asks meanwhile displaces the one that began first."""
UPLOADS_AT_ONCE = 4


@dataclass(slots=True)
class _Window:
    began: float
    asked: int = 0


class Limits:
    """By whom is a key, or the address of somebody without one. Of this process: replicas count apart."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._uploads: Counter[str] = Counter()

    def check(self, who: str) -> None:
        """Raise ApiProblem (429) for somebody who asked too often, without counting."""
        window = self._windows.get(who)
        if window and window.asked >= self._per_minute and self._clock() - window.began < WINDOW_S:
            raise too_many("Too many requests.", f"{WINDOW_S:.0f}", {})

    def ask(self, who: str) -> dict[str, str]:
        """Count a request; the headers that tell how many are left. Raises ApiProblem (429)."""
        now = self._clock()
        window = self._windows.get(who)
        if window is None or now - window.began >= WINDOW_S:
            self._windows.pop(who, None)
            if len(self._windows) >= MAX_KNOWN:
                self._windows.pop(next(iter(self._windows)))
            window = self._windows[who] = _Window(now)
        window.asked += 1
        left, reset_s = max(self._per_minute - window.asked, 0), max(window.began + WINDOW_S - now, 1)
        headers = {
            "RateLimit-Policy": f'"requests";q={self._per_minute};w={WINDOW_S:.0f}',
            "RateLimit": f'"requests";r={left};t={reset_s:.0f}',
        }
        if window.asked > self._per_minute:
            raise too_many(f"At most {self._per_minute} requests a minute.", f"{reset_s:.0f}", headers)
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


def too_many(detail: str, retry_after_s: str, headers: dict[str, str]) -> ApiProblem:
    """Ask again later."""
    return ApiProblem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_requests",
        detail,
        headers=headers | {"Retry-After": retry_after_s},
    )
