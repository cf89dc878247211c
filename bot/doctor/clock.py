"""Clock: how far this machine's is off Slack's, which refuses requests by it, as we do."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.finding import Finding, Verdict
from bot.providers.slack.errors import call

WARNING_S = 60.0
LIMIT_S = 300.0
"""Requests that are further off are refused: Slack's rule for signed requests."""


async def compared(client: AsyncWebClient) -> Finding:
    """With what time Slack says it is when the client's token is shown to it."""
    response = await call(client.auth_test)
    said = {key.lower(): value for key, value in response.headers.items()}.get("date")
    if said is None:
        return Finding("clock", Verdict.NOTE, "Slack did not tell the time")
    return clock(abs(time.time() - parsedate_to_datetime(said).timestamp()))


def clock(off_s: float) -> Finding:
    """What it means that this machine's clock is so many seconds off Slack's."""
    found = f"{off_s:.0f} s off Slack's"
    if off_s <= WARNING_S:
        return Finding("clock", Verdict.FINE, found)
    verdict = Verdict.PROBLEM if off_s > LIMIT_S else Verdict.WARNING
    return Finding("clock", verdict, found, "Set this machine's clock (NTP): signed requests are refused.")
