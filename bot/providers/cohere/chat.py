"""Chat by Cohere (v2): answers from documents, streamed, with the spans that cite them."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from cohere import (
    AssistantChatMessageV2,
    CitationOptions,
    Document,
    SystemChatMessageV2,
    UserChatMessageV2,
)
from cohere.v2.types.v2chat_stream_response import V2ChatStreamResponse

from bot.domain import ChatCitation, ChatText, Excerpt, Prompt
from bot.errors import ProviderUnavailable
from bot.providers.cohere.client import CohereClient
from bot.providers.cohere.errors import FAILURES, translate
from bot.providers.streams import Patience, Streams
from bot.providers.told import OnOutcome, untold_outcome

MODEL = "command-a-plus-05-2026"
TEMPERATURE = 0.1
PREFIX = "excerpt-"
MAX_SOURCES = 20
FINISHED = frozenset({"COMPLETE", "STOP_SEQUENCE", "MAX_TOKENS"})
IN_TEXT = frozenset({None, "TEXT_CONTENT"})
"""Citations are also given for what a model thinks, which nobody is shown."""

Event = ChatText | ChatCitation


class CohereChat:
    """A `ChatProvider` on Cohere's servers."""

    def __init__(
        self,
        client: CohereClient,
        *,
        model: str = MODEL,
        patience: Patience | None = None,
        on_outcome: OnOutcome = untold_outcome,
    ) -> None:
        self._client = client
        self._model = model
        self._streams: Streams[Event] = Streams(
            "Cohere", FAILURES, translate, patience or Patience(), on_outcome=on_outcome
        )
        _keep_quiet()

    def reply(self, prompt: Prompt) -> AsyncGenerator[Event]:
        """Its reply; citations come right after the words they are for, or after all of them."""
        return self._streams.run(lambda: self._events(prompt))

    async def _events(self, prompt: Prompt) -> AsyncGenerator[Event]:
        grounds: dict[str, Any] = {}
        if prompt.excerpts:
            grounds["documents"] = [_document(one) for one in prompt.excerpts]
            grounds["citation_options"] = CitationOptions(mode="FAST")
        stream = self._client.sdk.chat_stream(
            model=self._model,
            messages=list(_messages(prompt)),
            **grounds,
            max_tokens=prompt.max_tokens,
            temperature=TEMPERATURE,
        )
        async with aclosing(stream) as responses:  # type: ignore[type-var]  # a generator, declared as less
            ended = False
            async for response in responses:
                ended = ended or _ended(response)
                for event in _read(response):
                    yield event
        if not ended:
            raise ProviderUnavailable("Cohere broke off")


def _messages(
    prompt: Prompt,
) -> Iterator[SystemChatMessageV2 | UserChatMessageV2 | AssistantChatMessageV2]:
    yield SystemChatMessageV2(content=prompt.instructions)
    for one in prompt.history:
        yield UserChatMessageV2(content=one.question)
        if one.answer:
            yield AssistantChatMessageV2(content=one.answer)
    yield UserChatMessageV2(content=prompt.question)


def _document(excerpt: Excerpt) -> Document:
    return Document(id=f"{PREFIX}{excerpt.number}", data={"title": excerpt.title, "text": excerpt.text})


def _ended(response: V2ChatStreamResponse) -> bool:
    """Whether this is the end. Raises ProviderUnavailable when it is one that Cohere didn't want."""
    if response.type != "message-end":
        return False
    reason = response.delta and response.delta.finish_reason
    if reason not in FINISHED:
        raise ProviderUnavailable("Cohere broke off")
    return True


def _read(response: Any) -> Iterator[Event]:  # noqa: ANN401  # the SDK doesn't check what it was sent
    """What of an event is for us; what is of another shape than expected is nothing."""
    message = getattr(getattr(response, "delta", None), "message", None)
    if response.type in {"content-start", "content-delta"}:
        text = getattr(getattr(message, "content", None), "text", None)
        if isinstance(text, str) and text:
            yield ChatText(text)
    elif response.type == "citation-start":
        cited = getattr(message, "citations", None)
        start, end = getattr(cited, "start", None), getattr(cited, "end", None)
        if isinstance(start, int) and isinstance(end, int) and getattr(cited, "type", None) in IN_TEXT:
            yield ChatCitation(start, end, tuple(_numbers(getattr(cited, "sources", None))))


def _numbers(sources: Sequence[Any] | None) -> Iterator[int]:
    if not isinstance(sources, list):
        return
    for source in sources[:MAX_SOURCES]:
        number = str(getattr(source, "id", "")).removeprefix(PREFIX)
        if number.isdecimal():
            yield int(number[:4])


class _WithoutAnswers(logging.Filter):
    """Drops the SDK's complaints on events it can't read: they quote them, and so our files."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "SSE" not in str(record.msg)


_FILTER = _WithoutAnswers()


def _keep_quiet() -> None:
    """The SDK complains to the root logger and to one of its own. Repeatable."""
    for name in (None, "cohere.core.pydantic_utilities"):
        logging.getLogger(name).addFilter(_FILTER)
