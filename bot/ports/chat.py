"""A chat model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Protocol

from bot.domain import ChatCitation, ChatText, Prompt

OnText = Callable[[str], Awaitable[None]]
"""Called with the next piece of an answer, already fit to be shown."""


class ChatProvider(Protocol):
    """A chat model. What it says is not to be trusted: it may have read an instruction in a file."""

    def reply(self, prompt: Prompt) -> AsyncGenerator[ChatText | ChatCitation]:
        """Its reply as it is written. A citation may come before or after later text, or never.

        Ends, or raises RetryLater or OperatorError, within a deadline of its own; soon when the first
        word doesn't come. Not repeated once something came.
        """
        ...
