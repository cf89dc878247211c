"""Search by words: candidates by Postgres' full text index, inside the scope, ranked by BM25.

How rare a word is, and how long a chunk usually is, is told by what the scope can see alone: what only
others may read changes nobody's ranking.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, LiteralString

from psycopg import AsyncConnection, sql

from bot.domain import Candidate, DocumentId, Query, Scope
from bot.providers.postgres.limits import Limits
from bot.providers.postgres.shares import LEAST_SHARE, key_of
from bot.providers.postgres.visible import VISIBLE, Size, bound, size_of
from bot.providers.postgres.words import (
    EVERYWHERE,
    FORMS,
    HALVES,
    NOT_IN_FORMS,
    TIMES,
    following,
    lexeme,
    quoted,
)
from bot.search.asked import Asked, asked_of
from bot.search.words import exact_patterns, phrases_of

EXACT_ROWS = 200
"""Looked at in a go for phrases as they were typed."""
LABELS = {"anywhere": "", "as written": ":D", "forms": f":{FORMS}"}

RANKED: LiteralString = f"""
    WITH visible AS MATERIALIZED ({VISIBLE}),
    size AS (
        SELECT greatest(sum(chunks), 1)::float8 AS chunks,
            greatest(sum(length), 1)::float8 / greatest(sum(chunks), 1) AS length
        FROM visible
    ),
    found AS MATERIALIZED (
        SELECT c.document, c.ordinal, c.length, {{times}} FROM chunk c
        WHERE c.words @@ %(any)s::tsquery AND c.document IN (SELECT id FROM visible)
    ),
    rarity AS (SELECT {{rarity}} FROM found),
    ranked AS (
        SELECT f.document, f.ordinal, {{score}} AS score FROM found f, rarity r, size
        ORDER BY score DESC, f.document, f.ordinal LIMIT %(limit)s
    )
    SELECT v.document_id, v.generation, c.ordinal, c.page, c.text, r.score, c.label, c.heading, c.title
    FROM ranked r JOIN chunk c USING (document, ordinal) JOIN visible v ON v.id = r.document
    ORDER BY r.score DESC, r.document, r.ordinal
"""  # noqa: S608  # constants
RARITY: LiteralString = """
    greatest(ln((greatest((SELECT chunks FROM size) - {rows}, 0) + 0.5) / ({rows} + 0.5)), 1e-6) AS {name}
"""
SCORE: LiteralString = """
    {weight} * r.{name} * f.{name} * 2.2
        / (f.{name} + 1.2 * (0.25 + 0.75 * f.length / size.length))
"""
"""BM25 with k1 = 1.2 and b = 0.75, as FTS5 has it."""

Terms = dict[Asked, int]
"""What counts, and how many times."""


async def keyword(
    connection: AsyncConnection, scope: Scope, query: Query, limit: int, limits: Limits
) -> list[Candidate]:
    """The best chunks by BM25 over any of the query's terms, with all of its phrases exactly.

    A chunk that has only the commonest of many words is left out when there are enough others.
    """
    required = phrases_of(query)
    terms: Terms = Counter([*map(Asked, required), *asked_of(query.text)])
    if not terms:
        return []
    keys = [key_of(lexeme(word)) for one in terms for word in one.term]
    size = await size_of(connection, scope, keys)
    if size is None:
        return []
    search = _Search(scope, query, size, terms, limit)
    common = {} if required else _common(terms, size, limits)
    found = await search.run(connection, common)
    if common and len(found) < limit:  # they are rare in the scope above all
        found = await search.run(connection, {})
    return found


class _Search:
    """One question to one scope."""

    def __init__(self, scope: Scope, query: Query, size: Size, terms: Terms, limit: int) -> None:
        self._size, self._terms, self._limit = size, terms, limit
        self._scope = scope
        self._required = [f"({following(size.workspace, phrase)})" for phrase in phrases_of(query)]
        self._patterns = exact_patterns(query)

    async def run(self, connection: AsyncConnection, common: dict[Asked, float]) -> list[Candidate]:
        """The best of the chunks that have any term, except those that have common ones only."""
        rare = [self._query(one) for one in self._terms if one not in common]
        any_of = " & ".join([*self._required, f"({' | '.join(rare)})"])
        statement = self._statement(common)
        values = bound(self._scope) | {"any": any_of, "limit": self._limit}
        if not self._patterns:
            return [_candidate(row) for row in await (await connection.execute(statement, values)).fetchall()]
        found: list[Candidate] = []
        async with connection.transaction(), connection.cursor(name="exact") as cursor:
            await cursor.execute(statement, values | {"limit": None})
            while len(found) < self._limit and (rows := await cursor.fetchmany(EXACT_ROWS)):
                found += [_candidate(row) for row in rows if self._holds_phrases(row)]
        return found[: self._limit]

    def _statement(self, common: dict[Asked, float]) -> sql.Composed:
        names = {one: sql.Identifier(f"t{place}") for place, one in enumerate(self._terms)}
        return sql.SQL(RANKED).format(
            times=sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(self._times(one), name) for one, name in names.items()
            ),
            rarity=sql.SQL(", ").join(
                sql.SQL(RARITY).format(rows=_rows(common.get(one), name), name=name)
                for one, name in names.items()
            ),
            score=sql.SQL(" + ").join(
                sql.SQL(SCORE).format(weight=sql.Literal(self._terms[one]), name=name)
                for one, name in names.items()
            ),
        )

    def _times(self, asked: Asked) -> sql.Composable:
        """How often a chunk has a term. Of words in a row: as often as the rarest, where they are one."""
        if asked.where == "forms":
            return sql.SQL("({} - {})").format(
                self._counted(asked.term[0], EVERYWHERE), self._counted(asked.term[0], NOT_IN_FORMS)
            )
        if len(asked.term) == 1:
            return self._counted(asked.term[0], EVERYWHERE if asked.where == "anywhere" else NOT_IN_FORMS)
        each = sql.SQL(", ").join(self._counted(word, EVERYWHERE) for word in dict.fromkeys(asked.term))
        return sql.SQL("CASE WHEN c.words @@ {}::tsquery THEN least({}) ELSE 0 END").format(
            sql.Literal(self._query(asked)), each
        )

    def _counted(self, word: str, weights: str) -> sql.Composed:
        times = sql.SQL(TIMES).format(
            weights=sql.Literal(weights), lexeme=sql.Literal(quoted(self._size.workspace, lexeme(word)))
        )
        return sql.SQL("{} / {}").format(times, sql.Literal(HALVES))

    def _query(self, asked: Asked) -> str:
        return f"({following(self._size.workspace, asked.term)}{LABELS[asked.where]})"

    def _holds_phrases(self, row: Sequence[Any]) -> bool:
        return all(pattern.search(row[8]) or pattern.search(row[4]) for pattern in self._patterns)


def _rows(estimated: float | None, name: sql.Identifier) -> sql.Composable:
    """How many chunks of the scope have a term: as counted among those found, which are all that have it."""
    if estimated is not None:
        return sql.Literal(estimated)
    return sql.SQL("count(*) FILTER (WHERE {} > 0)").format(name)


def _common(terms: Terms, size: Size, limits: Limits) -> dict[Asked, float]:
    """Terms that too many chunks of the scope have, with how many; none if all chunks can be scored."""
    if len(terms) < 2 or not size.counted:  # noqa: PLR2004  # one word is as rare as it is
        return {}
    shares = iter(size.shares)
    rows = {one: size.chunks * min(next(shares) or LEAST_SHARE for _ in one.term) for one in terms}
    if sum(rows.values()) <= limits.scored:
        return {}
    rarest_first = sorted(rows, key=rows.__getitem__)
    together = list(accumulate(rows[one] for one in rarest_first))
    enough = bisect_left(together, limits.enough) + 1
    return {one: rows[one] for one in rarest_first[enough:]}


def _candidate(row: Sequence[Any]) -> Candidate:
    document, generation, ordinal, page, text, score, label, heading, *_ = row
    return Candidate(DocumentId(document), generation, ordinal, page, text, float(score), label, heading)
