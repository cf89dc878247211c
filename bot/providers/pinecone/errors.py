"""The one place where Pinecone's errors become ours. None of its words are kept: they may quote a text."""

from __future__ import annotations

from pinecone.errors import (
    ApiError,
    ForbiddenError,
    IndexInitFailedError,
    IndexTerminatedError,
    NotFoundError,
    PaymentRequiredError,
    PineconeError,
    PineconeValueError,
    RateLimitError,
    UnauthorizedError,
)

from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited, SettingError
from bot.providers.waits import MAX_RETRY_AFTER_S, RETRY_AFTER_S

FAILURES = (PineconeError, TimeoutError)
"""All that a call through the SDK can raise; what breaks underneath comes as its own errors."""

REQUEST_TIMEOUT, SERVER_ERROR = 408, 500


def translate(failure: BaseException, pause_s: float = RETRY_AFTER_S) -> FaultMavenError:
    """A failure by who acts next; `pause_s` where Pinecone asks to slow down and doesn't say for how long."""
    if isinstance(failure, RateLimitError):
        return _limited(failure, pause_s)
    if isinstance(failure, (UnauthorizedError, ForbiddenError)):
        return SettingError(
            "PINECONE_API_KEY", "Pinecone rejects it", "Copy a key of the index's project from its console."
        )
    if isinstance(failure, PaymentRequiredError):
        return OperatorError("Pinecone asks for a payment", "Look at the billing page of Pinecone's console.")
    if isinstance(failure, NotFoundError):
        return OperatorError(
            "The Pinecone index is not there any more",
            "Restart me to create it, and reconcile the documents.",
        )
    return _other(failure)


def _limited(failure: RateLimitError, pause_s: float) -> FaultMavenError:
    if "month" in failure.message.lower():  # of a plan: waiting is in vain
        return OperatorError("This month's share of Pinecone is used up", "Upgrade its plan.")
    asked = pause_s if failure.retry_after is None else failure.retry_after
    return RateLimited("Pinecone asks to slow down", min(asked, MAX_RETRY_AFTER_S))


def _other(failure: BaseException) -> FaultMavenError:
    if isinstance(failure, (IndexInitFailedError, IndexTerminatedError, PineconeValueError)):
        return OperatorError("The Pinecone index can't be used", "Look at it in Pinecone's console.")
    status = failure.status_code if isinstance(failure, ApiError) else None
    if status is None or status >= SERVER_ERROR or status == REQUEST_TIMEOUT:
        return ProviderUnavailable("Pinecone could not be reached, or could not answer")
    return OperatorError(f"Pinecone refuses the request ({status})", "Whoever runs me finds it in the log.")
