"""Chunk: cut pages into stretches that fit an embedding model and a search result.

A chunk is at most 1,000 characters, repeats about 200 of the one before, stays in its page, and neither
begins nor ends inside a word or a grapheme (a word longer than a chunk is cut at a grapheme). Its end is
the best boundary near the limit: a blank line, a sentence, a line, a space. Libraries were measured and
not used: they cut words, lose the overlap, exceed the limit or are quadratic without spaces.

Every pattern is tried on a window of one chunk, so the time is linear in the text whatever it holds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Literal

import regex

from bot.domain import Chunk, Page

MAX_CHARS = 1000
OVERLAP_CHARS = 200
MIN_CHARS = 600
"""A boundary better than a space is taken where the chunk keeps so much of its length."""
HEADING_CHARS = 200

Style = Literal["prose", "markdown", "lines"]
"""`lines` is for code, logs and tables: they break at line ends, not at sentences."""

SPACES = r"\s\x1c-\x1f"
"""What `str.isspace` calls so."""
EXTEND = r"\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}"
"""What joins the character before it in one grapheme, even a space (UAX 29, rules GB9 and GB9a)."""
CJK_STOP = "。！？"  # noqa: RUF001 - these are meant
CLOSING = r"\"'”’»)\]」』）"  # noqa: RUF001 - these are meant
WORD = regex.compile(rf"[^{SPACES}]")
LAST_WORD = regex.compile(rf"(?r)[^{SPACES}]")
WORD_START = regex.compile(
    rf"(?<=[{SPACES}])[^{SPACES}{EXTEND}]"
    rf"|(?<=[{CJK_STOP}][{CLOSING}]{{0,3}})[^{SPACES}{EXTEND}{CLOSING}]"
)
LINE_START = regex.compile(rf"(?<=\n[ \t]*)[^{SPACES}{EXTEND}]")
GRAPHEME = regex.compile(rf"\p{{RI}}{{2}}(?![{EXTEND}])|\X")
"""Pairs of flag letters by themselves: `\\X` would look back to the start of a run of flags for each."""
UNJOINED = regex.compile(r"\p{GCB=Other}{2}")

HEADING_NEXT = regex.compile(r"(?r)\n(?=#{1,6}[ \t])")
SENTENCE = regex.compile(
    rf"(?r)[.!?][{CLOSING}]{{0,3}}(?=[{SPACES}])|[{CJK_STOP}][{CLOSING}]{{0,3}}(?=[^{CLOSING}])"
)
SPACE = regex.compile(rf"(?r)(?<=[^{SPACES}])[{SPACES}]")
MARKDOWN_HEADING = regex.compile(r"^(?:(```|~~~)|#{1,6}[ \t]+(\S[^\n]*))", regex.MULTILINE)
CLOSING_HASHES = regex.compile(r"(?:^|[ \t]+)#+[ \t\r]*$")


def _blank_line(text: str, start: int, stop: int) -> int:
    return text.rfind("\n\n", start, stop)


def _line(text: str, start: int, stop: int) -> int:
    return text.rfind("\n", start, stop)


def _heading(text: str, start: int, stop: int) -> int:
    found = HEADING_NEXT.search(text, start, stop)
    return found.start() if found else -1


def _sentence(text: str, start: int, stop: int) -> int:
    found = SENTENCE.search(text, start, stop)
    return found.end() if found else -1


def _space(text: str, start: int, stop: int) -> int:
    found = SPACE.search(text, start, stop)
    return found.start() if found else -1


BOUNDARIES = {
    "prose": ((_blank_line, MIN_CHARS), (_sentence, MIN_CHARS), (_line, MIN_CHARS), (_space, 1)),
    "markdown": (
        (_heading, OVERLAP_CHARS),
        (_blank_line, MIN_CHARS),
        (_sentence, MIN_CHARS),
        (_line, MIN_CHARS),
        (_space, 1),
    ),
    "lines": ((_blank_line, MIN_CHARS), (_line, OVERLAP_CHARS), (_space, 1)),
}
"""For each style what a chunk may end at, best first, and after how many characters at the earliest."""


def chunk(pages: Iterable[Page], style: Style = "prose", *, first: int = 0) -> Iterator[Chunk]:
    """Cut pages into chunks in reading order, numbered through from `first`.

    `chunk.text == page.text[chunk.start:chunk.end]`; together the chunks of a page hold every character of
    it that isn't a space. A blank page has none. A chunk carries the heading that its first new text
    stands under.
    """
    ordinal = first
    for page in pages:
        headings = _headings(page) if style == "markdown" else page.headings
        starts, titles = [place for place, _ in headings], [title for _, title in headings]
        fresh = 0
        for start, end in spans(page.text, style):
            above = bisect_right(starts, max(start, fresh))
            heading = titles[above - 1] if above else page.heading
            yield Chunk(ordinal, page.number, start, end, page.text[start:end], page.label, heading)
            ordinal += 1
            fresh = _next_word(page.text, end, len(page.text))


def spans(text: str, style: Style = "prose") -> Iterator[tuple[int, int]]:
    """Where the chunks of one page begin and end; both grow from chunk to chunk."""
    last = LAST_WORD.search(text)
    if last is None:
        return
    stop = last.end() + _glued(text, last.end())
    start = _next_word(text, 0, stop)
    end, whole = _end(text, start, stop, style)
    while True:
        yield start, end
        if end == stop:
            return
        start, end, whole = _next(text, start, end, stop, style, whole=whole)


def _next(text: str, start: int, end: int, stop: int, style: Style, *, whole: bool) -> tuple[int, int, bool]:
    """The next chunk: it repeats the end of the one before unless that keeps it from getting further."""
    again = _overlap(text, start, end, style, whole=whole)
    if again is not None:
        further, further_whole = _end(text, again, stop, style)
        if further > end:
            return again, further, further_whole
    fresh = _next_word(text, end, stop)
    return fresh, *_end(text, fresh, stop, style)


def _end(text: str, start: int, stop: int, style: Style) -> tuple[int, bool]:
    """Where a chunk that begins at `start` ends, and whether its last word is whole there."""
    limit = start + MAX_CHARS
    if limit >= stop:
        return stop, True
    for last, least in BOUNDARIES[style]:
        before = limit + 1
        while (found := last(text, start + least, before)) >= 0:
            end = _after_word(text, start, found)
            if start < end <= limit and not _glued(text, end):
                return end, True
            before = found  # that space is part of a grapheme: the boundary before it
    return _cut(text, start, limit), False


def _overlap(text: str, start: int, end: int, style: Style, *, whole: bool) -> int | None:
    """Where the repeated text begins: at a word (a line, in code) at most 200 characters back."""
    earliest = max(end - OVERLAP_CHARS, start + 1)
    if not whole:
        return _cut_from(text, start, earliest, end)
    found = LINE_START.search(text, earliest, end) if style == "lines" else None
    found = found or WORD_START.search(text, earliest, end)
    return found.start() if found else None


def _next_word(text: str, position: int, stop: int) -> int:
    """The first character from `position` on that isn't a space, or the space it is joined with."""
    found = WORD.search(text, position)
    if found is None:
        return stop
    start = found.start()
    return start - 1 if start > position and _glued(text, start) else start


def _after_word(text: str, start: int, position: int) -> int:
    """The end of the last word up to `position`; after its space when they are one grapheme (GB9b)."""
    found = LAST_WORD.search(text, start, position)
    return found.end() + _glued(text, found.end()) if found else start


def _glued(text: str, position: int) -> bool:
    """Whether the characters before and after a place next to a space or full stop are one grapheme.

    The two characters suffice: the rules that look further back never involve spaces or full stops.
    """
    pair = text[position - 1 : position + 1]
    if not 0 < position < len(text) or pair.isascii():
        return False
    return GRAPHEME.fullmatch(pair) is not None


def _cut(text: str, start: int, limit: int) -> int:
    """The last grapheme boundary up to `limit`, or `limit` itself inside a single endless grapheme."""
    if _plain(text, limit):
        return limit
    ends = [end for end in _boundaries(text, start, limit + 1) if end <= limit]
    return ends[-1] if ends else limit


def _cut_from(text: str, start: int, earliest: int, end: int) -> int | None:
    """The first grapheme boundary from `earliest` on, before `end`."""
    if _plain(text, earliest):
        return earliest
    return next((place for place in _boundaries(text, start, end) if earliest <= place < end), None)


def _boundaries(text: str, start: int, stop: int) -> Iterator[int]:
    """Where the graphemes after `start` end. A slice, so that the pattern looks back no further."""
    return (start + found.end() for found in GRAPHEME.finditer(text[start:stop]))


def _plain(text: str, position: int) -> bool:
    """Whether two characters meet here of which neither ever joins another (GB999): the usual case."""
    pair = text[position - 1 : position + 1]
    return pair.isascii() or UNJOINED.fullmatch(pair) is not None


def _headings(page: Page) -> list[tuple[int, str]]:
    """Where Markdown headings stand, ascending, and their text; fenced code has none."""
    headings = []
    fence = None
    for found in MARKDOWN_HEADING.finditer(page.text):
        mark, title = found.groups()
        if mark:
            fence = mark if fence is None else None if mark == fence else fence
        elif fence is None:
            headings.append((found.start(), CLOSING_HASHES.sub("", title[:HEADING_CHARS]).strip()))
    return headings
