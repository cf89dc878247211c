"""Chunks as rows: what a table of Postgres takes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from psycopg import AsyncConnection, sql

from bot.domain import Chunk
from bot.ports import Vectors
from bot.providers.postgres.nearest import as_text
from bot.providers.postgres.schema import vectors_of
from bot.providers.postgres.words import vector_of

COPY: LiteralString = """
    COPY chunk (document, ordinal, page, start, stop, label, heading, title, text, words, length) FROM STDIN
"""
PUT: LiteralString = """
    INSERT INTO {table} (document, ordinal, vector)
    SELECT c.document, c.ordinal, made.vector::halfvec
    FROM unnest(%(ordinals)s::integer[], %(vectors)s::text[]) made (ordinal, vector)
    JOIN chunk c ON c.document = %(row)s AND c.ordinal = made.ordinal
    ON CONFLICT (document, ordinal) DO UPDATE SET vector = excluded.vector
"""
REWRITE: LiteralString = """
    UPDATE chunk SET title = %s, words = %s::tsvector, length = %s WHERE document = %s AND ordinal = %s
"""

Row = tuple[int, int, int, int, str | None, str, str, str, str, int]
"""All of a chunk but the document it is of."""
Rewritten = tuple[str, str, int, int, int]


def rows_of(workspace: int, title: str, chunks: Sequence[Chunk]) -> list[Row]:
    """What is stored of chunks: half a millisecond of CPU each, so not on the event loop."""
    title = storable(title)
    rows: list[Row] = []
    for one in chunks:
        label = None if one.label is None else storable(one.label)
        heading, text = storable(one.heading), storable(one.text)
        words, length = vector_of(workspace, title, heading, text)
        rows.append((one.ordinal, one.page, one.start, one.end, label, heading, title, text, words, length))
    return rows


def storable(text: str) -> str:
    """Postgres keeps UTF-8 without NUL: a lone surrogate becomes a question mark, spans stay right."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def rewritten(found: Sequence[tuple[int, int, int, str, str, str]]) -> list[Rewritten]:
    """What `rewrite` takes, for rows of workspace, document, ordinal, title, heading and text."""
    return [
        (title, *vector_of(workspace, title, heading, text), row, ordinal)
        for workspace, row, ordinal, title, heading, text in found
    ]


async def put_chunks(connection: AsyncConnection, row: int, rows: Sequence[Row]) -> None:
    """Store chunks in place of their former selves, with the vectors of those."""
    await connection.execute(
        "DELETE FROM chunk WHERE document = %s AND ordinal = ANY(%s)", (row, [one[0] for one in rows])
    )
    async with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for one in rows:
            await copy.write_row((row, *one))


async def put_vectors(
    connection: AsyncConnection, row: int, space: int, ordinals: Sequence[int], vectors: Vectors
) -> None:
    """Give chunks their vectors in a space; a chunk that isn't there gets none."""
    await connection.execute(
        sql.SQL(PUT).format(table=vectors_of(space)),
        {"row": row, "ordinals": list(ordinals), "vectors": list(map(as_text, vectors))},
    )


async def rewrite(connection: AsyncConnection, rows: Sequence[Rewritten]) -> None:
    """Give chunks their titles and words anew."""
    async with connection.cursor() as cursor:
        await cursor.executemany(REWRITE, rows)
