"""Snippet: a chunk and a query → the stretch of it that shows best why it was found."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import regex

from bot.domain import Query
from bot.search.languages import languages_of, stem_in
from bot.search.stem import stem
from bot.search.words import WORD, Term, fold, phrases_of, terms_of, words_of

MAX_CHARS = 300
ELLIPSIS = "…"
_GRAPHEME = regex.compile(r"\X")

Span = tuple[int, int]
Reading = Callable[[str], str]


class _Match(NamedTuple):
    """Where a term stands in the text; the term without case and accents."""

    start: int
    end: int
    term: Term


def snippet(text: str, query: Query, max_chars: int = MAX_CHARS) -> tuple[str, tuple[Span, ...]]:
    """A window of at most `max_chars` characters and the spans in it of the words that match.

    The window is where most of the query's terms are close together, else the beginning. It is cut
    between words where there is space, never inside a grapheme, and an ellipsis marks each cut.
    Words match by stem, whatever the case and accents; spans are ascending and disjoint.
    """
    matches = _matches(text, [*phrases_of(query), *terms_of(query.text)], _readings(query))
    if len(text) <= max_chars:
        start, end, edges = 0, len(text), _graphemes(text)
    else:
        core = _densest(matches, max_chars - 2 * len(ELLIPSIS))
        start, end, edges = _window(text, core, max_chars - 2 * len(ELLIPSIS))
    before, after = ELLIPSIS if start > 0 else "", ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    spans = _merged(_whole(match, edges) for match in matches if start <= match.start and match.end <= end)
    shown = tuple((max(a, start) + shift, min(b, end) + shift) for a, b in spans)
    return before + text[start:end] + after, shown


def _matches(text: str, terms: Sequence[Term], readings: Sequence[Reading]) -> list[_Match]:
    """All places of all terms, in order, whichever reading finds them."""
    words = [(m.start(), m.end(), m.group()) for m in WORD.finditer(text)]
    found: set[_Match] = set()
    for reading in readings:
        wanted: dict[str, dict[Term, Term]] = defaultdict(dict)
        for term in terms:
            stems = tuple(reading(word) for word in term)
            wanted[stems[0]][stems] = tuple(map(fold, term))
        stems_in_text = [reading(word) for _, _, word in words]
        for i, first in enumerate(stems_in_text):
            for stems, term in wanted.get(first, {}).items():
                last = i + len(stems)
                if tuple(stems_in_text[i:last]) == stems:
                    found.add(_Match(words[i][0], words[last - 1][1], term))
    return sorted(found)


def _readings(query: Query) -> list[Reading]:
    """What is compared of words: their English stems, and those of each of the question's languages."""
    foreign = [partial(_read_in, language) for language in languages_of(words_of(query.text))]
    return [_read, *foreign]


def _read(word: str) -> str:
    return stem(fold(word))


def _read_in(language: str, word: str) -> str:
    return stem_in(language, word.lower())


def _densest(matches: Sequence[_Match], room: int) -> Span:
    """The stretch of at most `room` that has the most different terms, then the most matches."""
    best, best_value = (0, 0), (0, 0)
    inside: Counter[Term] = Counter()
    last = 0
    for first, match in enumerate(matches):
        last = max(last, first)
        while last < len(matches) and matches[last].end - match.start <= room:
            inside[matches[last].term] += 1
            last += 1
        value = (len(inside), last - first)
        if value > best_value:
            best, best_value = (match.start, max(m.end for m in matches[first:last])), value
        if last > first:
            inside[match.term] -= 1
            inside += Counter()  # forgets the terms that are gone
    return best


def _window(text: str, core: Span, room: int) -> tuple[int, int, list[int]]:
    """Room around the core, moved to where words begin and end; and the graphemes' edges up to there."""
    start = max(0, min(core[0] - (room - (core[1] - core[0])) // 2, len(text) - room))
    end = min(len(text), start + room)
    edges = _graphemes(text[: end + room])
    if start > 0:
        space = regex.search(r"\s(?=\S)", text, pos=start - 1, endpos=core[0] + 1)
        start = space.end() if space and space.end() <= core[0] else start
        start = edges[bisect_left(edges, start)]
    if end < len(text):
        spaces = [
            m.start() for m in regex.finditer(r"(?<=\S)\s", text, pos=max(core[1] - 1, start), endpos=end + 1)
        ]
        end = spaces[-1] if spaces and spaces[-1] > start else end
        end = edges[bisect_right(edges, end) - 1]
    return start, max(start, end), edges


def _graphemes(text: str) -> list[int]:
    """Where graphemes begin, and the end."""
    return [*(m.start() for m in _GRAPHEME.finditer(text)), len(text)]


def _whole(match: _Match, edges: Sequence[int]) -> Span:
    """A match widened to whole graphemes."""
    return edges[bisect_right(edges, match.start) - 1], edges[bisect_left(edges, match.end)]


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
