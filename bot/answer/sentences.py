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
TOP = regex.compile(r"\s*#\s")
HEADING_CHARS = 40
PLAIN = regex.compile(r"(?:\d{1,2}[.)]\s+)?\p{Lu}[\p{L}\p{N} /&-]*$")
HEADING = regex.compile(r"\s*#{1,6}\s")
STOP = regex.compile(
    rf"(?<!\b(?i:e\.g|i\.e|etc|vs|cf|approx|incl|no|fig|sec|dr|mr|mrs|ms|st)|\b\p{{Lu}})"
    rf"(?<!(?:^|\n)\s*\d{{1,3}})"
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


def headed(text: str) -> list[tuple[str, list[Span]]]:
    """The sentences by the heading they stand under, the page's own included; "" for those above any.

    Headings are no sentences of their own, unless nothing stands under any.
    """
    parts: list[tuple[str, list[Span]]] = [("", [])]
    spans = sentences(text)
    top = ""
    for place, span in enumerate(spans):
        following = spans[place + 1] if place + 1 < len(spans) else None
        if following and _is_heading(text, span, following):
            heading = text[slice(*span)]
            top = heading if TOP.match(heading) else top
            parts.append((f"{top} {heading}", []))
        else:
            parts[-1][1].append(span)
    return [part for part in parts if part[1]] or [("", spans)]


def _is_heading(text: str, span: Span, following: Span) -> bool:
    """Marked as one, or a short line by itself that the text below is longer than."""
    line = text[slice(*span)]
    if HEADING.match(line):
        return True
    alone = text[: span[0]].rstrip(" \t")[-1:] in {"", "\n", "\f"} and "\n" in text[span[1] : following[0]]
    after_gap = span[0] == 0 or text[: span[0]].rstrip(" \t").endswith("\n\n")
    return (
        alone
        and after_gap
        and len(line) <= min(HEADING_CHARS, following[1] - following[0])
        and not ENDS.search(line)
        and PLAIN.match(line) is not None
    )


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
