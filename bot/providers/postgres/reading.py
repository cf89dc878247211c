"""What reads the index besides its two searches; the scope is part of each statement."""

from __future__ import annotations

from dataclasses import replace
from typing import LiteralString

from psycopg import AsyncConnection, sql

from bot.domain import ChannelId, Chunk, DocumentId, Held, Scope, Stored, WorkspaceId
from bot.providers.postgres.schema import vectors_of
from bot.providers.postgres.visible import VISIBLE, bound

MOST_ORDINALS = 1 << 31
READ: LiteralString = f"""
    SELECT c.ordinal, c.page, c.start, c.stop, c.text, c.label, c.heading
    FROM ({VISIBLE}) v JOIN chunk c ON c.document = v.id
    WHERE v.document_id = %(document)s AND v.generation = %(generation)s
        AND c.ordinal BETWEEN %(first)s AND %(last)s
    ORDER BY c.ordinal
"""  # noqa: S608  # constants
INVENTORY: LiteralString = """
    SELECT d.document_id, d.generation, d.state,
        (SELECT count(*) FROM chunk c WHERE c.document = d.id),
        ARRAY(SELECT s.channel FROM shown s WHERE s.document = d.id)
    FROM document d JOIN workspace w ON w.id = d.workspace WHERE w.name = %s
"""
OUTSIDE: LiteralString = """
    NOT EXISTS (SELECT FROM {table} v WHERE v.document = c.document AND v.ordinal = c.ordinal)
"""
BEHIND: LiteralString = f"""
    SELECT d.document_id FROM document d JOIN workspace w ON w.id = d.workspace
    WHERE w.name = %s AND d.state = 'published'
        AND d.id IN (SELECT c.document FROM chunk c WHERE {OUTSIDE})
    ORDER BY d.id
"""  # noqa: S608  # constants
STORED: LiteralString = f"""
    SELECT d.generation, c.ordinal, c.page, c.start, c.stop, c.text, c.label, c.heading
    FROM document d JOIN workspace w ON w.id = d.workspace JOIN chunk c ON c.document = d.id
    WHERE w.name = %s AND d.document_id = %s AND d.state = 'published' AND {OUTSIDE}
    ORDER BY c.ordinal
"""  # noqa: S608  # constants
HAS: LiteralString = """
    SELECT {label} WHERE EXISTS (
        SELECT FROM document d JOIN workspace w ON w.id = d.workspace JOIN {table} v ON v.document = d.id
        WHERE w.name = %(workspace)s
    )
"""


async def read(
    connection: AsyncConnection, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
) -> list[Chunk]:
    """Those chunks of a document, in reading order."""
    values = bound(scope) | {
        "document": document_id,
        "generation": generation,
        "first": max(ordinals.start, 0),
        "last": min(ordinals.stop, MOST_ORDINALS) - 1,
    }
    return [Chunk(*row) for row in await (await connection.execute(READ, values)).fetchall()]


async def inventory(connection: AsyncConnection, workspace: WorkspaceId) -> dict[DocumentId, Held]:
    """What a workspace has here: the published generation of each document, and what is left of others."""
    held: dict[DocumentId, Held] = {}
    for name, generation, state, chunks, channels in await (
        await connection.execute(INVENTORY, (workspace,))
    ).fetchall():
        document_id = DocumentId(name)
        former = held.get(document_id, Held(None, 0, frozenset()))
        newest = max(former.newest, generation)
        if state == "published":
            where = frozenset(map(ChannelId, channels))
            held[document_id] = Held(generation, chunks, where, former.strays, newest)
        else:
            held[document_id] = replace(former, strays=former.strays + chunks, newest=newest)
    return held


async def behind(connection: AsyncConnection, workspace: WorkspaceId, space: int) -> list[DocumentId]:
    """The visible documents with a chunk that has no vector in a space."""
    statement = sql.SQL(BEHIND).format(table=vectors_of(space))
    found = await connection.execute(statement, (workspace,))
    return [DocumentId(name) for (name,) in await found.fetchall()]


async def stored(
    connection: AsyncConnection, workspace: WorkspaceId, document_id: DocumentId, space: int
) -> Stored | None:
    """The chunks of a visible document that have no vector in a space."""
    statement = sql.SQL(STORED).format(table=vectors_of(space))
    rows = await (await connection.execute(statement, (workspace, document_id))).fetchall()
    return Stored(rows[0][0], tuple(Chunk(*row[1:]) for row in rows)) if rows else None


async def spaces(connection: AsyncConnection, workspace: WorkspaceId) -> frozenset[str]:
    """The labels of the spaces that a workspace has vectors in, whoever made them."""
    known = await all_spaces(connection)
    if not known:
        return frozenset()
    asked = sql.SQL(" UNION ALL ").join(
        sql.SQL(HAS).format(label=sql.Literal(label), table=vectors_of(number)) for number, label in known
    )
    found = await connection.execute(asked, {"workspace": workspace})
    return frozenset(label for (label,) in await found.fetchall())


async def all_spaces(connection: AsyncConnection) -> list[tuple[int, str]]:
    """The number and the label of each space that has a table."""
    found = await connection.execute("SELECT number, label FROM space ORDER BY number")
    return [(int(number), str(label)) for number, label in await found.fetchall()]
