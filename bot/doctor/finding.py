"""What the doctor says of one thing: how it is meant, what was found, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import FaultMavenError


class Verdict(StrEnum):
    """How a finding is meant."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `found` never holds a secret; `fix` may be empty."""

    name: str
    verdict: Verdict
    found: str
    fix: str = ""


def failure(name: str, error: FaultMavenError) -> Finding:
    """A problem in the words of its error."""
    advice = error.advice or "Try again in a minute; if it stays, the bot's log has the cause."
    return Finding(name, Verdict.PROBLEM, error.public_message, advice)
