"""Clock: how far this machine's is off Slack's, which refuses requests by it, as we do."""

from __future__ import annotations

import time

from bot.doctor.finding import Finding, Verdict

WARNING_S = 60.0
LIMIT_S = 300.0
"""Requests that are further off are refused: Slack's rule for signed requests."""


def compared(there: float | None) -> Finding:
    """With what time Slack says it is."""
    if there is None:
        return Finding("clock", Verdict.NOTE, "Slack did not tell the time")
    return clock(abs(time.time() - there))


def clock(off_s: float) -> Finding:
    """What it means that this machine's clock is so many seconds off Slack's."""
    found = f"{off_s:.0f} s off Slack's"
    if off_s <= WARNING_S:
        return Finding("clock", Verdict.FINE, found)
    verdict = Verdict.PROBLEM if off_s > LIMIT_S else Verdict.WARNING
    return Finding("clock", verdict, found, "Set this machine's clock (NTP): signed requests are refused.")
