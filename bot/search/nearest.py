"""Nearest: a question that found nothing → the titles that are most like it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain import DocumentId, Query
from bot.search.stem import stem
from bot.search.words import STOP_WORDS, fold, words_of

NEAREST = 3
MIN_LIKENESS = 0.34
"""Of 1: one word of three is in the title, or the title is a word or two of typing errors away."""
MAX_CHARS = 200
LETTERS = 3


def nearest(query: Query, titles: Mapping[DocumentId, str], limit: int = NEAREST) -> list[DocumentId]:
    """At most `limit` documents whose titles are like the question, the most alike first.

    Titles are compared by stems of words and by three letters in a row, so that a misspelt word counts;
    ties keep the order of `titles`.
    """
    asked = query.text[:MAX_CHARS]
    words, letters = _stems(asked), _letters(asked)
    if not letters:
        return []
    likeness = {
        document_id: max(_share(words, _stems(title)), _alike(letters, _letters(title)))
        for document_id, title in ((one, title[:MAX_CHARS]) for one, title in titles.items())
    }
    best = sorted(likeness, key=lambda document_id: -likeness[document_id])
    return [document_id for document_id in best[:limit] if likeness[document_id] >= MIN_LIKENESS]


def _stems(text: str) -> frozenset[str]:
    words = {fold(word) for word in words_of(text)}
    return frozenset(stem(word) for word in words - STOP_WORDS)


def _letters(text: str) -> frozenset[str]:
    """Each three letters in a row of each word, with its edges."""
    edged = (f" {fold(word)} " for word in words_of(text))
    return frozenset(
        word[at : at + LETTERS] for word in edged for at in range(max(len(word) - LETTERS + 1, 1))
    )


def _share(asked: frozenset[str], title: frozenset[str]) -> float:
    """The share of what was asked that the title has."""
    return len(asked & title) / len(asked) if asked else 0.0


def _alike(asked: frozenset[str], title: frozenset[str]) -> float:
    """Dice's coefficient: twice what both have, of what each has."""
    return 2 * len(asked & title) / (len(asked) + len(title)) if title else 0.0
