"""Misspelt: which words of a question may be, and which word of a passage each may be meant for.

An index looks words up; what it has there are stems, and a letter may change how much of a word is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from string import ascii_lowercase
from typing import TypeVar

import regex

from bot.domain import Query
from bot.search.languages import languages_of, stem_in
from bot.search.stem import stem
from bot.search.words import STOP_WORDS, fold, phrases_of, terms_of, words_of

MAX_WORDS = 3
BUDGET_S = 0.03
"""Of one question. Looking for a word takes 3 to 10 ms at 30,000 chunks, more where there are more."""
MAX_TERMS = 8
"""A longer question is found by its other words: on seven collections corrections only helped the shorter."""
LEAST_LETTERS, LEAST_FOREIGN = 5, 6
"""Of a word that is looked at. In other languages more words are a letter apart (`gehen`, `gegen`)."""
LETTERS_FOR_TWO = 8
"""From so many on two letters may be wrong, else one."""
LEAST_PART = 4
"""Letters of either word when a word is two written together."""
MAX_PROPOSALS = 100
COUNTED = 10
LOOKED_AT = 3
"""Passages that have a word: which word more have, and how they write it."""
ENDING = 5
"""Letters in which a stem ends, at most."""
PLAIN = regex.compile(r"\p{L}\p{Ll}+")
"""Names in capitals or with figures aren't misspelt. Scripts without case are not read here."""

Passage = TypeVar("Passage")
Proposal = tuple[int, str]
"""How many letters are wrong, and the stem that may be meant."""


def may_be_misspelt(query: Query) -> list[str]:
    """Words of a question as typed; none of a long one, none of an exact phrase."""
    exact = {word for phrase in phrases_of(query) for word in phrase}
    terms = terms_of(query.text)
    if len(terms) > MAX_TERMS:
        return []
    least = LEAST_FOREIGN if languages_of(words_of(query.text)) else LEAST_LETTERS
    asked = (term[0] for term in terms if len(term) == 1 and term[0] not in exact)
    return [one for one in asked if len(one) >= least and PLAIN.fullmatch(one)]


def within_budget(unknown: Sequence[str]) -> Iterator[str]:
    """Words to look for, until there were enough or it took too long."""
    deadline = time.monotonic() + BUDGET_S
    for word in unknown[:MAX_WORDS]:
        if time.monotonic() > deadline:
            return
        yield word


def known_as(query: Query, word: str) -> list[str]:
    """What a passage may have of a word that isn't misspelt."""
    return [word, *(stem_in(language, word.lower()) for language in languages_of(words_of(query.text)))]


def most_wrong(typed: str) -> int:
    """How many letters of a word may be."""
    return 2 if len(typed) >= LETTERS_FOR_TWO else 1


def swapped(typed: str) -> set[str]:
    """The stems of a folded word with two neighbouring letters swapped."""
    return {stem(typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :]) for i in range(len(typed) - 1)}


def mended(typed: str, first: int | None = None) -> set[str]:
    """The stems of a folded word with another letter from `first` on, one more or one less; its ending's."""
    letters = ascii_lowercase if typed.isascii() else sorted(set(typed))
    places = range(max(len(typed) - ENDING, 1) if first is None else first, len(typed) + 1)
    fewer = (typed[:i] + typed[i + 1 :] for i in places)
    others = (typed[:i] + letter + typed[i + 1 :] for i in places for letter in letters)
    more = (typed[:i] + letter + typed[i:] for i in places for letter in letters)
    return {stem(one) for some in (fewer, others, more) for one in some}


def wrong_letters(typed: str, word: str) -> int | None:
    """How many letters are missing, too many, others or (two as one) swapped; None for too many."""
    if len(typed) == len(word):
        differ = [i for i in range(len(typed)) if typed[i] != word[i]]
        if len(differ) == 2 and differ[1] - differ[0] == 1 and typed[differ[0]] == word[differ[1]]:  # noqa: PLR2004  # a pair
            return 1 if typed[differ[1]] == word[differ[0]] else None
    match = _like(typed).fullmatch(word)
    return sum(match.fuzzy_counts) if match else None


def likest(
    typed: str,
    proposals: Iterable[Proposal],
    passages: Callable[[str], Sequence[Passage]],
    text_of: Callable[[Passage], str],
) -> str | None:
    """The word with the fewest wrong letters, of several the one that most passages have, as they write it.

    `passages` are at most COUNTED that have a stem.
    """
    best: tuple[int, int, str] | None = None
    for wrong, term in sorted(proposals)[:MAX_PROPOSALS]:
        if best is not None and wrong > best[0]:
            break
        having = passages(term)
        if having and (best is None or len(having) > best[1]):
            written = _as_written(map(text_of, having[:LOOKED_AT]), term, typed.lower())
            best = (wrong, len(having), written) if written else best
    return best[2] if best else None


def parted(word: str) -> Iterator[tuple[str, str]]:
    """The pairs of words that a word may be two of, written together."""
    for place in range(LEAST_PART, len(word) - LEAST_PART + 1):
        if not STOP_WORDS.intersection(map(fold, (word[:place], word[place:]))):
            yield word[:place], word[place:]


def _as_written(texts: Iterable[str], term: str, typed: str) -> str | None:
    """How texts write a stem, where that is like what was typed."""
    found: set[tuple[int, str]] = set()
    for text in texts:
        for folded, word in {fold(word): word.lower() for word in words_of(text)}.items():
            if folded[:2] == term[:2] and stem(folded) == term:
                wrong = wrong_letters(typed, word)
                if wrong is not None:
                    found.add((wrong, word))
    return min(found)[1] if found else None


@lru_cache(maxsize=64)
def _like(typed: str) -> regex.Pattern[str]:
    return regex.compile(f"(?b)(?:{regex.escape(typed)}){{e<={most_wrong(typed)}}}")
