"""Context: a passage's chunk and its neighbours → the text around it, cut where chunks overlap. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import Chunk, Passage

NEIGHBOURS = 2
"""Chunks before and after; with the passage itself about four thousand characters."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A chunk, and the text before and after it on the same page."""

    chunk: Chunk
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Context:
    """A passage whose text is its whole chunk, and the text before and after it on the same page."""

    passage: Passage
    before: str
    after: str


def ordinals_around(ordinal: int) -> range:
    """Which chunks to read for a passage."""
    return range(max(ordinal - NEIGHBOURS, 0), ordinal + NEIGHBOURS + 1)


def surroundings(chunks: Sequence[Chunk], ordinal: int) -> Surroundings | None:
    """What stands around the chunk of that number; None when it isn't among `chunks`.

    Only what is on the same page: a neighbour that begins another page says little of this one.
    """
    passage = next((chunk for chunk in chunks if chunk.ordinal == ordinal), None)
    if passage is None:
        return None
    page = [chunk for chunk in chunks if chunk.page == passage.page]
    return Surroundings(
        chunk=passage,
        before=_joined([one for one in page if one.ordinal < ordinal], until=passage.start),
        after=_joined([one for one in page if one.ordinal > ordinal], since=passage.end),
    )


def _joined(chunks: Sequence[Chunk], *, since: int = 0, until: int | None = None) -> str:
    """The text of neighbouring chunks between two places of their page, each stretch once."""
    text, at = "", since
    for chunk in chunks:
        end = chunk.end if until is None else min(chunk.end, until)
        text += chunk.text[max(at - chunk.start, 0) : max(end - chunk.start, 0)]
        at = max(at, end)
    return text
