"""The one place where Cohere's errors become ours. None of its words are kept: they may quote a text."""

from __future__ import annotations

import httpx
from cohere.core.api_error import ApiError
from cohere.core.parse_error import ParsingError

from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited, SettingError
from bot.providers.waits import RETRY_AFTER_S, retry_after_s

FAILURES = (ApiError, ParsingError, httpx.HTTPError, TimeoutError, OSError, UnicodeDecodeError, TypeError)
"""All that a call through the SDK can raise; TypeError where an answer is of a shape it did not expect."""

REDIRECT, TOO_MANY_REQUESTS, SERVER_ERROR = 300, 429, 500
PASSING = frozenset({408, 409, 499})
"""A timeout, a conflict, a connection given up: the SDK would repeat these, too."""
REJECTED_KEY = ("CO_API_KEY", "Cohere rejects it", "Copy a key from the dashboard of Cohere, API keys.")
WRONG_PLACE = (
    "CO_API_URL",
    "Cohere does not know this address, or this model",
    "Leave it empty for Cohere's own.",
)
REFUSALS = {401: REJECTED_KEY, 403: REJECTED_KEY, 498: REJECTED_KEY, 404: WRONG_PLACE}


def translate(failure: BaseException, pause_s: float = RETRY_AFTER_S) -> FaultMavenError:
    """A failure by who acts next; `pause_s` where Cohere asks to slow down and doesn't say for how long."""
    status = failure.status_code if isinstance(failure, ApiError) else None
    if not isinstance(failure, ApiError) or status is None or status < REDIRECT:
        return ProviderUnavailable("Cohere could not be reached, or its answer could not be read")
    if status == TOO_MANY_REQUESTS:
        return _limited(failure, pause_s)
    if status >= SERVER_ERROR or status in PASSING:
        return ProviderUnavailable(f"Cohere is failing ({status})")
    if status in REFUSALS:
        return SettingError(*REFUSALS[status])
    return OperatorError(
        f"Cohere refuses the request ({status})", "Whoever runs me finds the cause in the log."
    )


def _limited(failure: ApiError, pause_s: float) -> FaultMavenError:
    if "month" in str(failure.body).lower():  # a trial key's thousand calls: waiting is in vain
        return OperatorError(
            "This month's calls to Cohere are used up", "Set CO_API_KEY to a production key."
        )
    return RateLimited("Cohere asks to slow down", retry_after_s(failure.headers or {}, pause_s))
