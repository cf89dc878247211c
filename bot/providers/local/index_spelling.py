"""Spelling: for a word that nothing in a scope has, the one that something there has and it may mean.

Whether a word is known, and what is put in its place, depends on the scope alone: the vocabulary of
the whole file proposes, and each proposal is looked for in the scope. A word that only others may
read is as unknown as one that nobody wrote.
"""

from __future__ import annotations

import json
import sqlite3
import time
from functools import lru_cache
from itertools import pairwise

import regex

from bot.domain import Query, Scope
from bot.providers.local.index_schema import ORDINAL_BITS
from bot.providers.local.index_scope import ROW_IN_SCOPE, in_scope
from bot.search.languages import languages_of, stem_in
from bot.search.stem import stem
from bot.search.words import STOP_WORDS, fold, phrases_of, terms_of, words_of

MAX_WORDS = 3
BUDGET_S = 0.03
"""Of one question. Looking for a word takes 3 to 10 ms at 30,000 chunks, more where there are more."""
LEAST_LETTERS = 5
LETTERS_FOR_TWO = 8
"""From so many on two letters may be wrong, else one."""
LEAST_PART = 4
"""Letters of either word when a word is two written together."""
MAX_PROPOSALS = 100
COUNTED = 10
LOOKED_AT = 3
"""Rows that have a word: which word more have, and how they write it."""
MAX_TERMS = 8
"""A longer question is found by its other words: on seven collections corrections only helped the shorter."""
PLAIN = regex.compile(r"\p{L}\p{Ll}+")
"""Names in capitals or with figures aren't misspelt. Scripts without case are not read here."""

VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'index_fts', 'row')"
LIKE = """
    SELECT term FROM temp.vocabulary
    WHERE term >= :start AND term < :end AND length(term) BETWEEN :shortest AND :longest AND (
        term IN (SELECT value FROM json_each(:swapped))
        OR instr(term, :first) OR instr(term, :middle) OR instr(term, :last)
    )
"""
PLACES = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.places USING fts5vocab('main', 'index_fts', 'instance')"
HAS = f"SELECT 1 FROM index_fts WHERE index_fts MATCH ? AND {ROW_IN_SCOPE} LIMIT 1"  # noqa: S608  # constants
HAVE_STEM = f"""
    SELECT DISTINCT doc FROM temp.places
    WHERE term = ? AND doc >> {ORDINAL_BITS} IN temp.scope LIMIT {COUNTED}
"""  # noqa: S608  # constants
TEXT = "SELECT title, heading, text FROM index_chunk WHERE id = ?"


def spelled(reader: sqlite3.Connection, scope: Scope, query: Query) -> dict[str, str]:
    """For words of a query that the scope doesn't have, as typed: what to look for instead."""
    exact = {word for phrase in phrases_of(query) for word in phrase}
    terms = terms_of(query.text)
    asked = [term[0] for term in terms if len(term) == 1 and term[0] not in exact]
    may_be_wrong = [one for one in asked if len(one) >= LEAST_LETTERS and PLAIN.fullmatch(one)]
    if len(terms) > MAX_TERMS or not may_be_wrong:
        return {}
    found: dict[str, str] = {}
    with in_scope(reader, scope):
        unknown = [word for word in may_be_wrong if not _is_known(reader, query, word)]
        deadline = time.monotonic() + BUDGET_S
        for word in unknown[:MAX_WORDS]:
            if time.monotonic() > deadline:
                break
            if instead := _nearest(reader, word) or _parted(reader, word):
                found[word] = instead
    return found


def _is_known(reader: sqlite3.Connection, query: Query, word: str) -> bool:
    stems = [stem_in(language, word.lower()) for language in languages_of(words_of(query.text))]
    return any(_has(reader, f'"{one}"') for one in (word, *stems))


def _has(reader: sqlite3.Connection, expression: str) -> bool:
    return reader.execute(HAS, (expression,)).fetchone() is not None


def _nearest(reader: sqlite3.Connection, word: str) -> str | None:
    """The word with the fewest wrong letters; of several the one that most rows have."""
    typed = word.lower()
    best: tuple[int, int, str] | None = None
    for stem_wrong, term in sorted(_proposals(reader, fold(word)))[:MAX_PROPOSALS]:
        if best is not None and stem_wrong > best[0]:
            break
        rows = [row for (row,) in reader.execute(HAVE_STEM, (term,))]
        if rows and (best is None or len(rows) > best[1]):
            written = _as_written(reader, rows, term, typed)
            best = (stem_wrong, len(rows), written) if written else best
    return best[2] if best else None


def _proposals(reader: sqlite3.Connection, typed: str) -> set[tuple[int, str]]:
    """Stems of the vocabulary with how many letters are wrong. Of the first three at most one is."""
    reader.execute(VOCABULARY)
    reader.execute(PLACES)
    typed_stem, most = stem(typed), _most_wrong(typed)
    swaps = {typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :] for i in range(len(typed) - 1)}
    # Two letters swapped may change how much of a word is its stem.
    swapped = {stem(one) for one in swaps}
    lengths = [len(one) for one in (*swapped, typed_stem)]
    bound: dict[str, str | int] = {
        "shortest": min(lengths) - most,
        "longest": max(lengths) + most,
        "swapped": json.dumps(sorted(swapped)),
    }
    # With one wrong letter fewer than there are parts, one of them is whole.
    bound["first"], *_, bound["last"] = parts = _parts(typed_stem, most + 1)
    bound["middle"] = parts[1]
    found: set[tuple[int, str]] = set()
    for start in {typed[:2], typed[1::-1], typed[0] + typed[2]}:
        bound |= {"start": start, "end": start[:-1] + chr(ord(start[-1]) + 1)}
        for (term,) in reader.execute(LIKE, bound):
            wrong = 1 if term in swapped else _wrong_letters(typed_stem, term)
            if wrong is not None and PLAIN.fullmatch(term):
                found.add((wrong, term))
    return found


def _parts(word: str, number: int) -> list[str]:
    edges = [round(i * len(word) / number) for i in range(number + 1)]
    return [word[start:end] for start, end in pairwise(edges)]


def _most_wrong(typed: str) -> int:
    return 2 if len(typed) >= LETTERS_FOR_TWO else 1


def _wrong_letters(typed: str, word: str) -> int | None:
    """How many letters are missing, too many, others or (two as one) swapped; None for too many."""
    if len(typed) == len(word):
        differ = [i for i in range(len(typed)) if typed[i] != word[i]]
        if len(differ) == 2 and differ[1] - differ[0] == 1 and typed[differ[0]] == word[differ[1]]:  # noqa: PLR2004  # a pair
            return 1 if typed[differ[1]] == word[differ[0]] else None
    match = _like(typed).fullmatch(word)
    return sum(match.fuzzy_counts) if match else None


@lru_cache(maxsize=64)
def _like(typed: str) -> regex.Pattern[str]:
    return regex.compile(f"(?b)(?:{regex.escape(typed)}){{e<={_most_wrong(typed)}}}")


def _as_written(reader: sqlite3.Connection, rows: list[int], term: str, typed: str) -> str | None:
    """How rows that the scope can see write a stem, where that is like what was typed."""
    found: set[tuple[int, str]] = set()
    for row in rows[:LOOKED_AT]:
        texts = reader.execute(TEXT, (row,)).fetchone()
        words = {fold(word): word.lower() for word in words_of("\n".join(texts))}
        for folded, word in words.items():
            if folded[:2] == term[:2] and stem(folded) == term:
                wrong = _wrong_letters(typed, word)
                if wrong is not None:
                    found.add((wrong, word))
    return min(found)[1] if found else None


def _parted(reader: sqlite3.Connection, word: str) -> str | None:
    """Two words that were written together, be it as German does it, and that some passage has apart."""
    for place in range(LEAST_PART, len(word) - LEAST_PART + 1):
        parts = word[:place], word[place:]
        if not STOP_WORDS.intersection(map(fold, parts)) and _has(reader, '"{}" AND "{}"'.format(*parts)):
            return " ".join(parts)
    return None
