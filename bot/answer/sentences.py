"""Sentences: where those of a text begin and end, be it prose, a list, a table or wrapped lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import regex

Span = tuple[int, int]

WRAPPED_CHARS = 45
"""A line at least so long may go on in the next one; a shorter one was ended on purpose."""
CLOSING = r"\"'”’»)\]*_`"  # noqa: RUF001  # these are meant
LINE = regex.compile(r"[^\n]+")
STARTS = regex.compile(r"\s*(?:[-*+•·–]\s|\d{1,3}[.)]\s|[#|>]|```|\w[\w /-]{0,40}:\s)")  # noqa: RUF001  # bullets
ENDS = regex.compile(rf"[.!?:;。！？|][{CLOSING}]*\s*$")  # noqa: RUF001  # these are meant
ROW = regex.compile(r"[|\t]|(?:,\S[^,]*){2}|\s{3,}\S")
HEADING = regex.compile(r"\s*#{1,6}\s")
STOP = regex.compile(
    rf"(?<!\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|no|fig|sec|dr|mr|mrs|ms|st|\p{{Lu}}))"
    rf"[.!?…]+[{CLOSING}]{{0,3}}(?=\s+[\p{{Lu}}\p{{N}}\"“(\[*`])"
    rf"|[。！？]+[{CLOSING}]{{0,3}}",  # noqa: RUF001  # these are meant
)
LETTER = regex.compile(r"[\p{L}\p{N}]")


def sentences(text: str) -> list[Span]:
    """Spans of the sentences in a text, in order and disjoint, each without space at its ends."""
    found: list[Span] = []
    for start, end in _blocks(text):
        position = start
        for stop in STOP.finditer(text, start, end):
            found.append((position, stop.end()))
            position = stop.end()
        found.append((position, end))
    trimmed = (_trimmed(text, start, end) for start, end in found)
    return [span for span in trimmed if LETTER.search(text, *span)]


def _blocks(text: str) -> Iterator[Span]:
    """Lines, joined where one only goes on in the next."""
    start = end = -1
    for line in LINE.finditer(text):
        if start < 0:
            start, end = line.span()
        elif _goes_on(text[start:end], text[end : line.start()], line.group()):
            end = line.end()
        else:
            yield start, end
            start, end = line.span()
    if start >= 0:
        yield start, end


def _goes_on(block: str, between: str, following: str) -> bool:
    last = block.rsplit("\n", 1)[-1]
    if between.count("\n") > 1 or len(last.strip()) < WRAPPED_CHARS or not following.strip():
        return False
    return not (HEADING.match(last) or ENDS.search(last) or ROW.search(last) or STARTS.match(following))


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
