"""Ids and timestamps as Slack makes them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MICROS = 1_000_000


def new_id(prefix: str, hint: str = "") -> str:
    """An id such as `C0OPSK3J9X1Q`: unique across runs, with a readable start for whoever debugs."""
    readable = re.sub(r"[^A-Z0-9]", "", hint.upper())[:5]
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(10 - len(readable)))
    return f"{prefix}0{readable}{tail}"


class Clock:
    """Strictly increasing message ts, `1786000001.000100`, that follow the wall clock."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._last_micros = 0

    def seconds(self) -> int:
        """Whole seconds since the epoch."""
        return int(self._now())

    def ts(self) -> str:
        """A ts larger than every one before."""
        self._last_micros = max(int(self._now() * _MICROS), self._last_micros + 1)
        return f"{self._last_micros // _MICROS}.{self._last_micros % _MICROS:06d}"
