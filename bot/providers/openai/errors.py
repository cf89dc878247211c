"""The one place where the OpenAI client's errors become ours, without its words: they may quote a text."""

from __future__ import annotations

import httpx2
from openai import APIError, APIStatusError, OpenAIError
from pydantic import ValidationError

from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited, SettingError
from bot.providers.waits import retry_after_s

FAILURES = (OpenAIError, httpx2.HTTPError, ValidationError, OSError, ValueError, TypeError, AttributeError)
"""All that a call can raise; the last ones where an answer is of a shape the client did not expect."""

REDIRECT, TOO_MANY_REQUESTS, SERVER_ERROR = 300, 429, 500
PASSING = frozenset({408, 409, 425, 499})
REFUSALS = {
    401: ("FM_CHAT_API_KEY", "the chat server rejects it", "Set the key that FM_CHAT_URL wants."),
    403: ("FM_CHAT_API_KEY", "the chat server rejects it", "Set the key that FM_CHAT_URL wants."),
    404: ("FM_CHAT_MODEL", "the chat server does not know it, or FM_CHAT_URL is not its address", ""),
}


def translate(failure: BaseException) -> FaultMavenError:
    """A failure by who acts next."""
    status = failure.status_code if isinstance(failure, APIStatusError) else None
    if not isinstance(failure, APIError) or status is None:
        return ProviderUnavailable("The chat model could not be reached, or its answer could not be read")
    if status == TOO_MANY_REQUESTS:
        headers = failure.response.headers if isinstance(failure, APIStatusError) else {}
        return RateLimited("The chat model asks to slow down", retry_after_s(headers))
    if status >= SERVER_ERROR or status in PASSING:
        return ProviderUnavailable(f"The chat model is failing ({status})")
    if status in REFUSALS:
        return SettingError(*REFUSALS[status])
    return OperatorError(
        f"The chat model refuses the request ({status})", "Whoever runs me finds the cause in the log."
    )
