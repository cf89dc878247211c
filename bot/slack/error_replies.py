"""The one place where an error becomes words for a person. The cause goes to the log, never here."""

from __future__ import annotations

from bot.errors import FaultMavenError, OperatorError, PersonError, RetryLater

UNEXPECTED = (
    "Something went wrong on my side. Try again; if it stays, tell whoever runs me: the log has the cause."
)


def error_reply(error: BaseException) -> str:
    """A sentence or two: what happened and what to do next."""
    if isinstance(error, PersonError):
        return _sentences(error)
    if isinstance(error, RetryLater):
        return f"{_sentence(error.public_message)} Try again in a minute."
    if isinstance(error, OperatorError):
        return f"{_sentence(error.public_message)} Tell whoever runs me: `fm doctor` names the fix."
    return UNEXPECTED


def _sentences(error: FaultMavenError) -> str:
    return " ".join(_sentence(part) for part in (error.public_message, error.advice) if part)


def _sentence(words: str) -> str:
    capital = words[0].upper() + words[1:]
    return capital if capital.endswith((".", "!", "?", "`")) else f"{capital}."
