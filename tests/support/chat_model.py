"""What the doubles of chat servers share: a model that is a function, and how its words travel badly."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

MARK = re.compile(r"\s*((?:\[\d{1,4}\])+)")
END = re.compile(r"(?<=[.!?])\s+|\n+")
PIECE = re.compile(r"\s*\S{1,12}|\s+")


@dataclass(frozen=True)
class Excerpt:
    """What a model is given to cite."""

    number: int
    title: str
    text: str


Model = Callable[[str, Sequence[Excerpt]], str]
"""(question, excerpts) → its words, with `[n]` where it cites."""


def silent(_question: str, _excerpts: Sequence[Excerpt]) -> str:
    """A model that finds nothing."""
    return "NOT IN THE FILES"


def honest(question: str, excerpts: Sequence[Excerpt]) -> str:
    """A model that repeats the sentences of the excerpts with the most words of the question."""
    wanted = {word for word in re.findall(r"\w+", question.lower()) if len(word) > 3}
    scored = [
        (len(wanted & set(re.findall(r"\w+", sentence.lower()))), -one.number, " ".join(sentence.split()))
        for one in excerpts
        for sentence in END.split(one.text)
        if re.search(r"\w", sentence)
    ]
    best = [one for one in sorted(scored, reverse=True)[:3] if one[0]]
    return " ".join(f"{words.rstrip('.')}. [{-number}]" for _, number, words in best) or silent("", ())


@dataclass
class Behaviour:
    """How a reply travels: `cut_after` and `hang_after` so many pieces, `endless`, `raw` lines before it.

    `late` gives Cohere's citations after the last word, `finish` is why it ends.
    """

    model: Model = honest
    cut_after: int | None = None
    hang_after: int | None = None
    endless: bool = False
    late: bool = False
    finish: str | None = None
    raw: tuple[str, ...] = ()


def without_marks(words: str) -> tuple[str, list[tuple[int, int, list[int]]]]:
    """Words without their `[n]`, and the spans these were for, each from the end of the one before."""
    text, spans, start, last = "", [], 0, 0
    for mark in MARK.finditer(words):
        text += words[last : mark.start()]
        last = mark.end()
        lead = len(text[start:]) - len(text[start:].lstrip())
        spans.append((start + lead, len(text), [int(n) for n in re.findall(r"\d+", mark[1])]))
        start = len(text)
    return text + words[last:], spans


async def travelling(
    behaviour: Behaviour, text: str, request: web.Request, closing: asyncio.Event
) -> AsyncIterator[str]:
    """The pieces of a text; after them, or before, what `behaviour` has in mind."""
    number = 0
    while True:
        for piece in PIECE.findall(text):
            if number == behaviour.hang_after:
                await closing.wait()
            if number in {behaviour.cut_after, behaviour.hang_after} and request.transport is not None:
                request.transport.abort()
                return
            yield piece
            number += 1
        if not behaviour.endless or closing.is_set():
            return
        await asyncio.sleep(0)


async def event_stream(request: web.Request) -> web.StreamResponse:
    """A response that server-sent events can be written to."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    return response


def is_text(value: Any) -> bool:  # noqa: ANN401  # whatever was sent
    return isinstance(value, str) and bool(value.strip())
