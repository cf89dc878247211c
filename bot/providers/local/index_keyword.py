"""Search by words: BM25 as FTS5 computes it, over the rows that a scope can see."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from bot.domain import Candidate, Query, Scope
from bot.providers.local.expression import Expression, expression_of
from bot.providers.local.index_read import CANDIDATE, candidates
from bot.providers.local.index_scope import ROW_IN_SCOPE, in_scope
from bot.search.words import exact_patterns

TITLE_WEIGHT, TEXT_WEIGHT, FORMS_WEIGHT = 1.5, 1.0, 1.0
"""Of BM25: best of those tried over seven public collections; of forms, over five in other languages."""
SCORED_ROWS = 4_000
"""Up to so many all rows with any of a question's words are scored, at 1.5 µs each. A question's commonest
words may be in a quarter of all rows."""
ENOUGH_ROWS = 2_000
"""Where there are more: rows that have one of the rarer words. The best two hundred are among them."""

RANKED = f"""
    WITH ranked AS (
        SELECT rowid AS id, -bm25(index_fts, {TITLE_WEIGHT}, {TEXT_WEIGHT}, {FORMS_WEIGHT}) AS score
        FROM index_fts
        WHERE index_fts MATCH :expression AND {{among}} AND {{exact}}
        ORDER BY score DESC, id LIMIT :limit
    ) {CANDIDATE}
"""  # noqa: S608  # constants
AMONG = f"+rowid IN (SELECT rowid FROM index_fts WHERE index_fts MATCH :rare AND {ROW_IN_SCOPE})"  # noqa: S608  # constants
"""Rows of the scope that have a rare word. The plus keeps SQLite from asking FTS5 anew for each."""
EXACT = "(SELECT holds_phrases(title, text) FROM index_chunk WHERE id = index_fts.rowid)"
COUNT = "SELECT count(*) FROM index_fts WHERE index_fts MATCH ?"
SHARE = """
    SELECT (SELECT count(*) FROM temp.scope) * 1.0 / max(count(*), 1)
    FROM index_document WHERE state = 'published'
"""


def keyword(reader: sqlite3.Connection, scope: Scope, query: Query, limit: int) -> list[Candidate]:
    """The best chunks by BM25 over any of the query's terms, with all of its phrases exactly.

    A row that has only the commonest of many words is left out when there are enough others.
    """
    expression = expression_of(query)
    if not expression:
        return []
    if patterns := exact_patterns(query):
        reader.create_function(
            "holds_phrases",
            2,
            lambda title, text: all(p.search(title) or p.search(text) for p in patterns),
        )
    with in_scope(reader, scope):
        rare = _rare(reader, expression)
        found = _ranked(reader, expression, rare, limit, exact=bool(patterns))
        if rare and len(found) < limit:  # they are rare in the scope above all
            found = _ranked(reader, expression, (), limit, exact=bool(patterns))
    return found


def _ranked(
    reader: sqlite3.Connection, expression: Expression, rare: Sequence[str], limit: int, *, exact: bool
) -> list[Candidate]:
    """The best of the rows that have one of the rare terms; with none, of all rows of the scope."""
    statement = RANKED.format(among=AMONG if rare else ROW_IN_SCOPE, exact=EXACT if exact else "TRUE")
    bound = {"expression": str(expression), "rare": " OR ".join(rare), "limit": limit}
    return candidates(reader.execute(statement, bound))


def _rare(reader: sqlite3.Connection, expression: Expression) -> Sequence[str]:
    """The rarest of the terms, which together may be in enough rows of the scope; none if all are needed."""
    terms = list(dict.fromkeys(expression.wanted))
    if expression.required or len(terms) < 2:  # noqa: PLR2004  # one word is as rare as it is
        return ()
    (share,) = reader.execute(SHARE).fetchone()
    counted = sorted((reader.execute(COUNT, (term,)).fetchone()[0] * share, term) for term in terms)
    if sum(rows for rows, _ in counted) <= SCORED_ROWS:
        return ()
    together = list(accumulate(rows for rows, _ in counted))
    enough = bisect_left(together, ENOUGH_ROWS) + 1
    return [term for _, term in counted[:enough]] if enough < len(counted) else ()
