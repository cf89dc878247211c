"""Triggers: what a person just did lets the app open a form for them, once and soon."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from bot.playground.refusal import Refusal

LIFETIME_S = 3.0


class Triggers:
    """`trigger_id`s with who they are for."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._given: dict[str, tuple[str, float]] = {}
        self._taken: set[str] = set()

    def new(self, user: str) -> str:
        """One for what somebody did just now."""
        numbers = secrets.randbelow(10**13), secrets.randbelow(10**13)
        trigger = f"{numbers[0]}.{numbers[1]}.{secrets.token_hex(16)}"
        self._given[trigger] = (user, self._now() + LIFETIME_S)
        return trigger

    def take(self, trigger: str) -> str:
        """Whose it is. Raises Refusal when it is unknown, used up or too old."""
        if trigger in self._taken:
            raise Refusal("exchanged_trigger_id")
        if trigger not in self._given:
            raise Refusal("invalid_trigger_id")
        user, expires = self._given[trigger]
        if self._now() > expires:
            raise Refusal("expired_trigger_id")
        self._taken.add(trigger)
        return user
