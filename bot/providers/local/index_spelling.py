"""Spelling: for a word that nothing in a scope has, the one that something there has and it may mean.

Whether a word is known, and what is put in its place, depends on the scope alone: the vocabulary of
the whole file proposes, and each proposal is looked for in the scope. A word that only others may
read is as unknown as one that nobody wrote.
"""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from itertools import pairwise

from bot.domain import Query, Scope
from bot.providers.local.index_schema import ORDINAL_BITS
from bot.providers.local.index_scope import ROW_IN_SCOPE, in_scope
from bot.search.misspelt import (
    COUNTED,
    PLAIN,
    Proposal,
    known_as,
    likest,
    may_be_misspelt,
    mended,
    most_wrong,
    parted,
    swapped,
    within_budget,
    wrong_letters,
)
from bot.search.stem import stem
from bot.search.words import fold

VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'index_fts', 'row')"
LIKE = """
    SELECT term FROM temp.vocabulary
    WHERE term >= :start AND term < :end AND (
        term IN (SELECT value FROM json_each(:mended))
        OR length(term) BETWEEN :shortest AND :longest
            AND (instr(term, :first) OR instr(term, :middle) OR instr(term, :last))
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
    found: dict[str, str] = {}
    if not (may_be_wrong := may_be_misspelt(query)):
        return found
    with in_scope(reader, scope):
        unknown = [
            word for word in may_be_wrong if not any(map(partial(_has, reader), known_as(query, word)))
        ]
        for word in within_budget(unknown):
            if instead := _nearest(reader, word) or _parted(reader, word):
                found[word] = instead
    return found


def _has(reader: sqlite3.Connection, *words: str) -> bool:
    expression = " AND ".join(f'"{fold(word)}"' for word in words)
    return reader.execute(HAS, (expression,)).fetchone() is not None


def _nearest(reader: sqlite3.Connection, word: str) -> str | None:
    def rows(term: str) -> list[int]:
        return [row for (row,) in reader.execute(HAVE_STEM, (term,))]

    def text_of(row: int) -> str:
        return "\n".join(reader.execute(TEXT, (row,)).fetchone())

    return likest(word, _proposals(reader, fold(word)), rows, text_of)


def _proposals(reader: sqlite3.Connection, typed: str) -> set[Proposal]:
    """Stems of the vocabulary with how many letters are wrong. Of the first three at most one is."""
    reader.execute(VOCABULARY)
    reader.execute(PLACES)
    typed_stem, most = stem(typed), most_wrong(typed)
    a_letter_away = swapped(typed) | mended(typed)
    bound: dict[str, str | int] = {
        "shortest": len(typed_stem) - most,
        "longest": len(typed_stem) + most,
        "mended": json.dumps(sorted(a_letter_away)),
    }
    # With one wrong letter fewer than there are parts, one of them is whole.
    bound["first"], *_, bound["last"] = parts = _parts(typed_stem, most + 1)
    bound["middle"] = parts[1]
    found: set[Proposal] = set()
    for start in {typed[:2], typed[1::-1], typed[0] + typed[2]}:
        bound |= {"start": start, "end": start[:-1] + chr(ord(start[-1]) + 1)}
        for (term,) in reader.execute(LIKE, bound):
            wrong = 1 if term in a_letter_away else wrong_letters(typed_stem, term)
            if wrong is not None and PLAIN.fullmatch(term):
                found.add((wrong, term))
    return found


def _parts(word: str, number: int) -> list[str]:
    edges = [round(i * len(word) / number) for i in range(number + 1)]
    return [word[start:end] for start, end in pairwise(edges)]


def _parted(reader: sqlite3.Connection, word: str) -> str | None:
    """Two words that were written together, be it as German does it, and that some passage has apart."""
    return next((" ".join(parts) for parts in parted(word) if _has(reader, *parts)), None)
