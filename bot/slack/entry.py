"""Where something of Slack's enters: from here on its log lines carry one id, and its ack is timed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.correlation import MAX_CHARS, correlated, fresh

EVENT_ID = re.compile(rf"[A-Za-z0-9_.-]{{1,{MAX_CHARS}}}")
OnAcked = Callable[[str, float], None]
"""Is told the kind of a payload and the seconds until its answer."""
KINDS = {
    "event_callback": "event",
    "app_rate_limited": "event",
    "block_actions": "action",
    "message_action": "shortcut",
    "shortcut": "shortcut",
    "view_submission": "view",
    "view_closed": "view",
}


def untimed(_kind: str, _seconds: float) -> None:
    """Nobody wants to know."""


def kind_of(body: Mapping[str, Any]) -> str:
    """One of few words for what Slack sends: they name metrics."""
    return "command" if "command" in body else KINDS.get(str(body.get("type")), "other")


@contextmanager
def entering(body: Mapping[str, Any], on_acked: OnAcked = untimed) -> Iterator[None]:
    """Take a payload in: an event under its own id, whatever has none under a fresh one."""
    kind, event_id = kind_of(body), body.get("event_id")
    known = isinstance(event_id, str) and EVENT_ID.fullmatch(event_id)
    started = time.monotonic()
    with correlated(str(event_id) if known else fresh(kind)):
        yield
    on_acked(kind, time.monotonic() - started)
