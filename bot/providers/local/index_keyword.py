"""Search by words: BM25 as FTS5 computes it, over the rows that a scope can see."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.domain import Candidate, Query, Scope
from bot.providers.local.expression import Expression, expression_of
from bot.providers.local.index_read import CANDIDATE, candidates
from bot.providers.local.index_scope import ROW_IN_SCOPE, in_scope
from bot.search.words import exact_patterns

TITLE_WEIGHT, TEXT_WEIGHT, FORMS_WEIGHT = 1.5, 1.0, 1.0
"""Of BM25: best of those tried over seven public collections; of forms, over five in other languages."""
ENOUGH_ROWS = 2_000
"""Rows that have one of a question's rarer words: the best hundreds are among them. Each that is scored
costs 1.5 µs, and the commonest words of a question are in a quarter of all rows."""

RANKED = f"""
    WITH ranked AS (
        SELECT rowid AS id, -bm25(index_fts, {TITLE_WEIGHT}, {TEXT_WEIGHT}, {FORMS_WEIGHT}) AS score
        FROM index_fts
        WHERE index_fts MATCH :expression AND {ROW_IN_SCOPE} AND {{among}} AND {{exact}}
        ORDER BY score DESC, id LIMIT :limit
    ) {CANDIDATE}
"""  # noqa: S608  # constants
AMONG = "+rowid IN (SELECT rowid FROM index_fts WHERE index_fts MATCH :rare)"
"""The plus keeps SQLite from asking FTS5 anew for each row."""
EXACT = "(SELECT holds_phrases(title, text) FROM index_chunk WHERE id = index_fts.rowid)"
COUNT = f"""
    SELECT count(*) FROM (
        SELECT 1 FROM index_fts WHERE index_fts MATCH ? AND {ROW_IN_SCOPE} LIMIT {ENOUGH_ROWS}
    )
"""  # noqa: S608  # constants


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
        statement = RANKED.format(among=AMONG if rare else "TRUE", exact=EXACT if patterns else "TRUE")
        bound = {"expression": str(expression), "rare": " OR ".join(rare), "limit": limit}
        return candidates(reader.execute(statement, bound))


def _rare(reader: sqlite3.Connection, expression: Expression) -> Sequence[str]:
    """The rarest of the terms that together are in enough rows; none where all terms are needed."""
    terms = list(dict.fromkeys(expression.wanted))
    if expression.required or len(terms) < 2:  # noqa: PLR2004  # one word is as rare as it is
        return ()
    counted = sorted((reader.execute(COUNT, (term,)).fetchone()[0], term) for term in terms)
    rows = 0
    for place, (count, _) in enumerate(counted, 1):
        rows += count
        if rows >= ENOUGH_ROWS:
            return [term for _, term in counted[:place]] if place < len(counted) else ()
    return ()
