"""Which words are common in a workspace: what a question's rarer words are told by.

Counting all chunks with a common word would take as long as scoring them. So a sample is counted, and
again when a workspace has grown or shrunk by a quarter. What is kept are no words but their checksums:
a word of a removed file is not in it.
"""

from __future__ import annotations

import json
import zlib
from typing import LiteralString

from psycopg import AsyncConnection, sql

from bot.domain import WorkspaceId

SAMPLE = 2_000
LEAST_IN_SAMPLE = 4
LEAST_SHARE = 0.001
"""What a word is taken for that the sample doesn't have as often."""
CHANGED = 0.25

DUE: LiteralString = """
    SELECT w.id, w.counted, (SELECT coalesce(sum(d.chunks), 0)::integer FROM document d
                             WHERE d.workspace = w.id AND d.state = 'published')
    FROM workspace w WHERE w.name = %s AND pg_try_advisory_xact_lock(w.id)
"""
SAMPLED: LiteralString = """
    SELECT c.words FROM chunk c WHERE (c.document, c.ordinal) IN (
        SELECT o.document, o.ordinal FROM document d JOIN chunk o ON o.document = d.id
        WHERE d.workspace = {workspace} AND d.state = 'published' AND random() < {part}
    )
"""

SIZES: LiteralString = "ANALYZE (SKIP_LOCKED) document, shown, chunk (document)"
"""What the planner goes by. Postgres looks by itself, but a minute later; until then, not knowing how many
documents a scope has, it searches the whole index once for each: ten times as long. Not the words, whose
counting takes seconds."""


def key_of(lexeme: str) -> str:
    """What stands for a lexeme in the shares."""
    return str(zlib.crc32(lexeme.encode()))


async def count(connection: AsyncConnection, workspace: WorkspaceId, least: int) -> None:
    """Count the words of a workspace if that is due and it has so many chunks: a tenth of a second.

    And the rows of the tables, for the planner.
    """
    row = await (await connection.execute(DUE, (workspace,))).fetchone()
    if row is None:
        return
    number, counted, chunks = row
    if chunks < least or abs(chunks - counted) <= CHANGED * counted:
        return
    sampled = sql.SQL(SAMPLED).format(
        workspace=sql.Literal(number), part=sql.Literal(min(1.0, SAMPLE / chunks))
    )
    found = await connection.execute(
        "SELECT word, ndoc FROM ts_stat(%s) WHERE ndoc >= %s",
        (sampled.as_string(connection), LEAST_IN_SAMPLE),
    )
    size = min(SAMPLE, chunks)
    shares = {
        key_of(word.partition(".")[2]): round(min(1.0, rows / size), 4)
        for word, rows in await found.fetchall()
    }
    await connection.execute(
        "UPDATE workspace SET counted = %s, shares = %s::jsonb WHERE id = %s",
        (chunks, json.dumps(shares), number),
    )
    await connection.execute(SIZES)
