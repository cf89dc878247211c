"""Waits: how long a vendor that is asked too often wants to be left alone."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from bot.errors import RateLimited

RETRY_AFTER_S = 5.0
"""Where a vendor asks to slow down and doesn't say for how long."""
MAX_RETRY_AFTER_S = 3_600.0


def retry_after_s(headers: Mapping[str, str], unsaid_s: float = RETRY_AFTER_S) -> float:
    """How long a vendor asks us to wait: seconds or a date, at least 0, at most an hour.

    `unsaid_s` where it doesn't say.
    """
    value = {name.lower(): value for name, value in headers.items()}.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return unsaid_s
    return unsaid_s if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


class Pause:
    """While a vendor wants to be left alone. It counts all calls together, so all of them wait."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._over_at = 0.0

    async def over(self, gives_up_at: float) -> None:
        """Wait until it is over. Raises RateLimited at once if that isn't before `gives_up_at` (loop)."""
        now = asyncio.get_running_loop().time()
        if self._over_at >= gives_up_at:
            raise RateLimited(f"{self._vendor} asks to slow down", self._over_at - now)
        if self._over_at > now:
            await asyncio.sleep(self._over_at - now)

    def note(self, error: Exception) -> None:
        """A call ended with this: if it was to slow down, everybody does."""
        if isinstance(error, RateLimited):
            over_at = asyncio.get_running_loop().time() + error.retry_after_s
            self._over_at = max(self._over_at, over_at)
