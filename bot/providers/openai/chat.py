"""Chat by a server that speaks OpenAI's chat completions; citations are `[n]` in its words."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Self

import httpx2
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from bot.domain import ChatText, Prompt
from bot.errors import ProviderUnavailable
from bot.providers.openai.errors import FAILURES, translate
from bot.providers.streams import Patience, Streams
from bot.providers.told import OnOutcome, untold_outcome

TIMEOUT = httpx2.Timeout(30.0, connect=5.0, read=60.0)
LIMITS = httpx2.Limits(max_connections=16, max_keepalive_connections=8)
NO_KEY = "none"
"""Local servers ask for no key, but the client wants one."""
TEMPERATURE = 0.1
CITING = "After each sentence or list item put the number of the excerpt that says so in brackets, as in [2]."
EXCERPTS = "The excerpts, one JSON object a line:"
THINKING = ("<think>", "<thinking>")
THOUGHT = re.compile(r"</think(?:ing)?>")
LONGEST_SIGN = 11
MAX_THOUGHT_CHARS = 60_000


class OpenAIChat:
    """A `ChatProvider`. The key goes to the address that was set and to no other."""

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        *,
        patience: Patience | None = None,
        on_outcome: OnOutcome = untold_outcome,
    ) -> None:
        self._http = httpx2.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=False)
        self._client = AsyncOpenAI(
            base_url=url, api_key=api_key or NO_KEY, max_retries=0, http_client=self._http
        )
        self._model = model
        self._streams: Streams[ChatText] = Streams(
            "The chat model", FAILURES, translate, patience or Patience(), on_outcome=on_outcome
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Repeatable."""
        await self._http.aclose()

    def reply(self, prompt: Prompt) -> AsyncGenerator[ChatText]:
        """Its reply, without what a reasoning model thinks aloud."""
        return self._streams.run(lambda: _spoken(self._pieces(prompt)))

    async def _pieces(self, prompt: Prompt) -> AsyncGenerator[str]:
        stream = await self._client.chat.completions.create(
            model=self._model,
            messages=list(_messages(prompt)),
            max_tokens=prompt.max_tokens,
            temperature=TEMPERATURE,
            stream=True,
        )
        ended = False
        async with stream:
            async for chunk in stream:
                choices = getattr(chunk, "choices", None)
                if not isinstance(choices, list) or not choices:
                    continue
                ended = ended or getattr(choices[0], "finish_reason", None) is not None
                text = getattr(getattr(choices[0], "delta", None), "content", None)
                if isinstance(text, str) and text:
                    yield text
        if not ended:
            raise ProviderUnavailable("The chat model broke off")


def _messages(prompt: Prompt) -> Iterator[ChatCompletionMessageParam]:
    rules = f"{prompt.instructions}\n{CITING}" if prompt.excerpts else prompt.instructions
    yield {"role": "system", "content": rules}
    for one in prompt.history:
        yield {"role": "user", "content": one.question}
        if one.answer:
            yield {"role": "assistant", "content": one.answer}
    yield {"role": "user", "content": _question(prompt)}


def _question(prompt: Prompt) -> str:
    """JSON, so that no text of a file can look like the end of its excerpt."""
    if not prompt.excerpts:
        return prompt.question
    lines = (
        json.dumps({"number": one.number, "title": one.title, "text": one.text}, ensure_ascii=False)
        for one in prompt.excerpts
    )
    return "\n".join([EXCERPTS, *lines, "", f"The question: {prompt.question}"])


async def _spoken(pieces: AsyncGenerator[str]) -> AsyncGenerator[ChatText]:
    """Without `<think>…</think>` at the beginning, which some servers leave in."""
    async with aclosing(pieces):
        held = ""
        async for piece in pieces:
            held += piece
            if not _may_begin(held):
                break
        if any(held.lstrip().startswith(sign) for sign in THINKING):
            held = await _after_thought(held, pieces)
        if held:
            yield ChatText(held)
        async for piece in pieces:
            yield ChatText(piece)


def _may_begin(held: str) -> bool:
    return any(sign.startswith(held.lstrip()) and sign != held.lstrip() for sign in THINKING)


async def _after_thought(held: str, pieces: AsyncGenerator[str]) -> str:
    """What follows the end of a thought in the piece that ends it."""
    length = 0
    while not (end := THOUGHT.search(held)):
        length += len(held)
        if length > MAX_THOUGHT_CHARS:
            raise ProviderUnavailable("The chat model does not come to a point")
        piece = await anext(pieces, "")
        if not piece:
            return ""
        held = held[-LONGEST_SIGN:] + piece
    return held[end.end() :].lstrip()
