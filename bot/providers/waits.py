"""Waits: how long a vendor that is asked too often wants to be left alone."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

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
