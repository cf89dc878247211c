"""How the Web API says no."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.model import Json


class Refusal(Exception):
    """`{"ok": false, "error": …}` with whatever else Slack sends along."""

    def __init__(self, error: str, **fields: object) -> None:
        super().__init__(error)
        self.error = error
        self.body: Json = {"ok": False, "error": error, **fields}


def with_messages(error: str, problems: Sequence[str]) -> Refusal:
    """A refusal that explains itself in `response_metadata.messages`."""
    messages = [f"[ERROR] {problem}" for problem in problems]
    return Refusal(error, errors=list(problems), response_metadata={"messages": messages})
