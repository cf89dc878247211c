"""What a scope can see, as a part of every statement that reads; and how much that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from psycopg import AsyncConnection

from bot.domain import Scope

VISIBLE: LiteralString = """
    SELECT d.id, d.document_id, d.generation, d.chunks, d.length FROM document d
    WHERE d.id IN (
        SELECT s.document FROM shown s
        WHERE s.workspace = (SELECT w.id FROM workspace w WHERE w.name = %(workspace)s)
            AND s.channel = ANY(%(channels)s::text[])
    ) AND (%(documents)s::text[] IS NULL OR d.document_id = ANY(%(documents)s::text[]))
"""
SIZE: LiteralString = f"""
    SELECT w.id, w.counted, (SELECT coalesce(sum(v.chunks), 0)::integer FROM ({VISIBLE}) v),
        ARRAY(SELECT (w.shares->>key)::float8 FROM unnest(%(keys)s::text[]) WITH ORDINALITY k (key, place)
              ORDER BY place)
    FROM workspace w WHERE w.name = %(workspace)s
"""  # noqa: S608  # constants


class Size(NamedTuple):
    """A scope's workspace by number, how many of its chunks were counted, and the scope's own chunks.

    `shares` are of how many chunks of the workspace have each of the words asked for; None if few.
    """

    workspace: int
    counted: int
    chunks: int
    shares: Sequence[float | None]


def bound(scope: Scope) -> dict[str, Any]:
    """The parameters of `VISIBLE`."""
    return {
        "workspace": scope.workspace,
        "channels": sorted(scope.channels),
        "documents": None if scope.documents is None else sorted(scope.documents),
    }


async def size_of(connection: AsyncConnection, scope: Scope, keys: Sequence[str] = ()) -> Size | None:
    """How much a scope can see; None if nothing. `keys` are of words, see `shares`."""
    found = await connection.execute(SIZE, bound(scope) | {"keys": list(keys)})
    row = await found.fetchone()
    return Size(*row) if row is not None and row[2] else None
