"""Spelling: for a word that nothing in a scope has, the one that something there has and it may mean.

Postgres keeps no list of its words that could be looked through. So each word that is a letter away from
what was typed is looked up, some hundred of them in one statement; one that is two letters away is found
where the first half of the word is right, among the words of some passages that begin so.

Whether a word is known, and what is put in its place, depends on the scope alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

from psycopg import AsyncConnection, sql

from bot.domain import Query, Scope
from bot.providers.postgres.visible import VISIBLE, bound, size_of
from bot.providers.postgres.words import lexeme, quoted
from bot.search.misspelt import (
    COUNTED,
    PLAIN,
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

MOST_TEXTS = 200
ALIKE_ROWS = 100
"""Passages whose words are looked through."""
IN_SCOPE: LiteralString = "(c.document IN (SELECT id FROM visible)) IS TRUE"
"""`IS TRUE`: else the planner makes a join of it, and looks through all passages for each word."""
BY_WORDS: LiteralString = "SELECT set_config('enable_seqscan', 'off', true)"
HAVING: LiteralString = f"""
    WITH visible AS MATERIALIZED ({VISIBLE})
    SELECT asked.place - 1, found.text
    FROM unnest(%(asked)s::text[]) WITH ORDINALITY asked (query, place), LATERAL (
        SELECT {{text}} AS text FROM chunk c
        WHERE c.words @@ asked.query::tsquery AND {IN_SCOPE} LIMIT %(rows)s
    ) found
    LIMIT {MOST_TEXTS}
"""  # noqa: S608  # constants
ALIKE: LiteralString = f"""
    WITH visible AS MATERIALIZED ({VISIBLE})
    SELECT DISTINCT word FROM (
        SELECT c.words FROM chunk c WHERE c.words @@ %(begins)s::tsquery AND {IN_SCOPE} LIMIT {ALIKE_ROWS}
    ) passage, unnest(tsvector_to_array(passage.words)) word
    WHERE starts_with(word, %(start)s)
"""  # noqa: S608  # constants
NO_TEXT, ALL_TEXT = sql.SQL("''"), sql.SQL("concat_ws(E'\\n', c.title, c.heading, c.text)")


async def spelled(connection: AsyncConnection, scope: Scope, query: Query) -> dict[str, str]:
    """For words of a query that the scope doesn't have, as typed: what to look for instead."""
    may_be_wrong = may_be_misspelt(query)
    size = await size_of(connection, scope) if may_be_wrong else None
    if size is None:
        return {}
    found: dict[str, str] = {}
    async with connection.transaction():
        await connection.execute(BY_WORDS)
        words = _Words(connection, scope, size.workspace)
        known = await words.held([known_as(query, word) for word in may_be_wrong])
        unknown = [word for place, word in enumerate(may_be_wrong) if place not in known]
        for word in within_budget(unknown):
            if instead := await words.nearest(word) or await words.parted(word):
                found[word] = instead
    return found


class _Words:
    """What a scope has of words."""

    def __init__(self, connection: AsyncConnection, scope: Scope, workspace: int) -> None:
        self._connection = connection
        self._bound = bound(scope)
        self._workspace = workspace

    async def held(self, words: Iterable[Iterable[str]]) -> set[int]:
        """The places of those of which some passage has any word."""
        asked = [" | ".join(map(self._quoted, some)) for some in words]
        return {place for place, _ in await self._having(asked, NO_TEXT, 1)}

    async def nearest(self, word: str) -> str | None:
        """The likest word that a passage has."""
        typed = fold(word)
        a_letter_away = sorted(one for one in swapped(typed) | mended(typed, 1) if PLAIN.fullmatch(one))
        texts = await self._texts(a_letter_away)
        proposals = [(1, one) for one in texts]
        if not texts and most_wrong(typed) > 1:
            proposals = await self._two_away(stem(typed))
            texts = await self._texts([one for _, one in proposals])
        return likest(word, proposals, lambda one: texts.get(one, ()), str)

    async def parted(self, word: str) -> str | None:
        """Two words that were written together, and that some passage has apart."""
        pairs = list(parted(word))
        found = await self._having([" & ".join(map(self._quoted, pair)) for pair in pairs], NO_TEXT, 1)
        return " ".join(pairs[min(found)[0]]) if found else None

    async def _two_away(self, typed: str) -> list[tuple[int, str]]:
        start = quoted(self._workspace, typed[: len(typed) // 2])
        values = self._bound | {
            "begins": f"{start}:*",
            "start": f"{self._workspace}.{typed[: len(typed) // 2]}",
        }
        rows = await (await self._connection.execute(ALIKE, values)).fetchall()
        words = [word.partition(".")[2] for (word,) in rows]
        return [(wrong, one) for one in words if (wrong := wrong_letters(typed, one)) is not None]

    async def _texts(self, stems: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Passages that have each of these, those that none has left out."""
        texts: dict[str, list[str]] = defaultdict(list)
        asked = [quoted(self._workspace, one) for one in stems]
        for place, text in await self._having(asked, ALL_TEXT, COUNTED):
            texts[stems[place]].append(text)
        return texts

    async def _having(self, asked: Sequence[str], text: sql.SQL, rows: int) -> list[tuple[int, str]]:
        """For each place among the questions as many passages that answer it."""
        values = self._bound | {"asked": list(asked), "rows": rows}
        return await (await self._connection.execute(sql.SQL(HAVING).format(text=text), values)).fetchall()

    def _quoted(self, word: str) -> str:
        return quoted(self._workspace, lexeme(word))
