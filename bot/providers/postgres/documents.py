"""Document rows: which generation of what is visible to whom. Each call is part of a transaction.

A transaction begins with the lock of its document. Those that write chunks share it, those that change
what is visible have it alone: replicas take turns at one document, and only there.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import AsyncConnection

from bot.domain import ChannelId, DocumentId, IndexedDocument, WorkspaceId

ROW: LiteralString = """
    INSERT INTO document (workspace, document_id, generation)
    SELECT %(workspace)s, %(document)s, %(generation)s
    WHERE NOT EXISTS (
        SELECT FROM document WHERE workspace = %(workspace)s AND document_id = %(document)s
            AND (generation = %(generation)s OR generation > %(generation)s AND state = 'published')
    )
    ON CONFLICT DO NOTHING
"""
ROW_ID: LiteralString = """
    SELECT id, state FROM document
    WHERE workspace = %(workspace)s AND document_id = %(document)s AND generation = %(generation)s
"""
VISIBLE_ROW: LiteralString = """
    SELECT d.id FROM document d JOIN workspace w ON w.id = d.workspace
    WHERE w.name = %s AND d.document_id = %s AND d.state = 'published'
        AND d.generation = coalesce(%s::bigint, d.generation)
"""
HIDE: LiteralString = """
    UPDATE document SET state = 'dropped', generation = -id
    WHERE workspace = (SELECT w.id FROM workspace w WHERE w.name = %(workspace)s)
        AND document_id = %(document)s AND generation < coalesce(%(before)s::bigint, generation + 1)
    RETURNING id
"""
"""A dropped one gives up its number: it may be written anew."""
SHOW: LiteralString = """
    INSERT INTO shown (workspace, channel, document)
    SELECT d.workspace, channel, d.id FROM document d, unnest(%s::text[]) channel WHERE d.id = %s
"""
COUNT: LiteralString = """
    UPDATE document SET (chunks, length) =
        (SELECT count(*), coalesce(sum(c.length), 0) FROM chunk c WHERE c.document = document.id)
    WHERE id = %s
"""


async def lock(
    connection: AsyncConnection, workspace: WorkspaceId, document_id: DocumentId, *, alone: bool
) -> None:
    """Wait for other replicas' changes of this document; until the transaction ends."""
    shared: LiteralString = "" if alone else "_shared"
    await connection.execute(
        f"SELECT pg_advisory_xact_lock{shared}(hashtextextended(%s, 0))",
        (f"{workspace}/{document_id}",),
    )


async def workspace_id(connection: AsyncConnection, workspace: WorkspaceId) -> int:
    """The number of a workspace; a new one is given the next. It stays for ever."""
    await connection.execute(
        "INSERT INTO workspace (name) SELECT %(name)s::text"
        " WHERE NOT EXISTS (SELECT FROM workspace WHERE name = %(name)s) ON CONFLICT DO NOTHING",
        {"name": workspace},
    )
    found = await connection.execute("SELECT id FROM workspace WHERE name = %s", (workspace,))
    (number,) = await found.fetchone() or (0,)
    return int(number)


async def row_of(
    connection: AsyncConnection, workspace: int, document: IndexedDocument
) -> tuple[int, bool] | None:
    """The row of a generation, made unless it is there, and whether it is visible.

    None when a newer one is visible: then there is none of this generation, and there won't be.
    """
    values = {
        "workspace": workspace,
        "document": document.document_id,
        "generation": document.generation,
    }
    await connection.execute(ROW, values)
    found = await (await connection.execute(ROW_ID, values)).fetchone()
    return (int(found[0]), found[1] == "published") if found else None


async def visible_row(
    connection: AsyncConnection,
    workspace: WorkspaceId,
    document_id: DocumentId,
    generation: int | None = None,
) -> int | None:
    """The row of the visible generation, if it is that one."""
    found = await connection.execute(VISIBLE_ROW, (workspace, document_id, generation))
    row = await found.fetchone()
    return int(row[0]) if row else None


async def hide(
    connection: AsyncConnection, workspace: WorkspaceId, document_id: DocumentId, before: int | None
) -> list[int]:
    """Drop every generation, or those before one; their rows."""
    found = await connection.execute(
        HIDE, {"workspace": workspace, "document": document_id, "before": before}
    )
    rows = [int(row) for (row,) in await found.fetchall()]
    await connection.execute("DELETE FROM shown WHERE document = ANY(%s)", (rows,))
    return rows


async def show(connection: AsyncConnection, row: int, channels: frozenset[ChannelId]) -> None:
    """Make a generation visible in exactly these channels."""
    await connection.execute("UPDATE document SET state = 'published' WHERE id = %s", (row,))
    await connection.execute("DELETE FROM shown WHERE document = %s", (row,))
    await connection.execute(SHOW, (sorted(channels), row))
    await count(connection, row)


async def count(connection: AsyncConnection, row: int) -> None:
    """Note how many chunks and words a document has, which BM25 needs."""
    await connection.execute(COUNT, (row,))
