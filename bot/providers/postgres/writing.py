"""What changes the index, in short transactions, whatever other replicas do meanwhile.

Whatever is cut off half-way is invisible, and removed at the next start of a replica or by the next call
for the same document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import sql
from psycopg.abc import Params

from bot.domain import Chunk, DocumentId, IndexedDocument, WorkspaceId
from bot.ports import Current, Vectors
from bot.providers.postgres import documents, shares
from bot.providers.postgres.connection import Connections
from bot.providers.postgres.reading import all_spaces
from bot.providers.postgres.rows import put_chunks, put_vectors, rewrite, rewritten, rows_of, storable
from bot.providers.postgres.schema import vectors_of
from bot.providers.postgres.words import VERSION

BATCH_CHUNKS = 100
REMOVED_AT_ONCE = 500

COPIED: LiteralString = """
    INSERT INTO chunk (document, ordinal, page, start, stop, label, heading, title, text, length, words)
    SELECT %(row)s, ordinal, page, start, stop, label, heading, title, text, length, words FROM chunk
    WHERE document = %(source)s AND ordinal >= %(first)s AND ordinal < %(end)s
    ON CONFLICT DO NOTHING
"""
COPIED_VECTORS: LiteralString = """
    INSERT INTO {table} (document, ordinal, vector)
    SELECT c.document, c.ordinal, v.vector FROM {table} v JOIN chunk c ON c.ordinal = v.ordinal
    WHERE v.document = %(source)s AND c.document = %(row)s AND c.ordinal >= %(first)s AND c.ordinal < %(end)s
    ON CONFLICT DO NOTHING
"""
REMOVED: LiteralString = """
    DELETE FROM chunk WHERE document = %(row)s AND ordinal IN (
        SELECT ordinal FROM chunk WHERE document = %(row)s LIMIT %(limit)s
    )
"""
LEFT: LiteralString = """
    DELETE FROM {table} WHERE (document, ordinal) IN (
        SELECT v.document, v.ordinal
        FROM workspace w JOIN document d ON d.workspace = w.id JOIN {table} v ON v.document = d.id
        WHERE w.name = %s LIMIT %s
    )
"""
TITLED_OTHERWISE: LiteralString = """
    SELECT d.workspace, c.document, c.ordinal, %(title)s::text, c.heading, c.text
    FROM chunk c JOIN document d ON d.id = c.document
    WHERE c.document = %(row)s AND c.title <> %(title)s LIMIT %(limit)s
"""
NEXT_WORDS: LiteralString = """
    SELECT d.workspace, c.document, c.ordinal, c.title, c.heading, c.text
    FROM chunk c JOIN document d ON d.id = c.document
    WHERE (c.document, c.ordinal) > (%s, %s) ORDER BY c.document, c.ordinal LIMIT %s
"""


def as_given(document: IndexedDocument) -> Current:
    """Nobody knows better."""

    async def given() -> IndexedDocument:
        return document

    return given


class Writer:
    """Spaces go by their numbers. See `Limits` for `counted`."""

    def __init__(self, connections: Connections, counted: int) -> None:
        self._connections = connections
        self._counted = counted
        self._workspaces: dict[WorkspaceId, int] = {}

    async def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Mapping[int, Vectors]
    ) -> None:
        """Store chunks of one generation with their vectors by space, a hundred a transaction. Repeatable."""
        workspace = await self._workspace(document.workspace)
        for start in range(0, len(chunks), BATCH_CHUNKS):
            batch = slice(start, start + BATCH_CHUNKS)
            rows = await asyncio.to_thread(rows_of, workspace, document.title, chunks[batch])
            ordinals = [one.ordinal for one in chunks[batch]]
            async with self._connections.transaction() as connection:
                await documents.lock(connection, document.workspace, document.document_id, alone=False)
                found = await documents.row_of(connection, workspace, document)
                if found is None:
                    return
                row, visible = found
                await put_chunks(connection, row, rows)
                for space, theirs in vectors.items():
                    await put_vectors(connection, row, space, ordinals, theirs[batch])
                if visible:
                    await documents.count(connection, row)

    async def enter(
        self, document: IndexedDocument, ordinals: Sequence[int], space: int, vectors: Vectors
    ) -> None:
        """Give chunks of a visible generation their vectors in a space; nothing if it isn't visible."""
        for start in range(0, len(ordinals), BATCH_CHUNKS):
            batch = slice(start, start + BATCH_CHUNKS)
            async with self._connections.transaction() as connection:
                await documents.lock(connection, document.workspace, document.document_id, alone=False)
                row = await documents.visible_row(
                    connection, document.workspace, document.document_id, document.generation
                )
                if row is None:
                    return
                await put_vectors(connection, row, space, ordinals[batch], vectors[batch])

    async def publish(self, document: IndexedDocument, current: Current) -> None:
        """Switch to a generation in one transaction, then remove the older ones."""
        workspace = await self._workspace(document.workspace)
        async with self._connections.transaction() as connection:
            await documents.lock(connection, document.workspace, document.document_id, alone=True)
            now = await current()
            found = await documents.row_of(connection, workspace, document) if now else None
            if now is None or found is None:
                return
            dropped = await documents.hide(
                connection, document.workspace, document.document_id, document.generation
            )
            await documents.show(connection, found[0], now.channels)
        await self._remove(dropped)
        async with self._connections.transaction() as connection:
            await shares.count(connection, document.workspace, self._counted)

    async def describe(self, document: IndexedDocument, current: Current) -> None:
        """Replace the channels of the visible generation in one transaction, then its title."""
        async with self._connections.transaction() as connection:
            await documents.lock(connection, document.workspace, document.document_id, alone=True)
            now = await current()
            row = await documents.visible_row(connection, document.workspace, document.document_id)
            if now is None or row is None:
                return
            await documents.show(connection, row, now.channels)
        await self._retitle(row, document, current)

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store the visible chunks of `source` as this document's, some hundred a transaction. Repeatable."""
        workspace = await self._workspace(document.workspace)
        async with self._connections.transaction() as connection:
            of_source = await documents.visible_row(connection, document.workspace, source)
            found = await connection.execute(
                "SELECT count(*), max(ordinal) + 1 FROM chunk WHERE document = %s", (of_source,)
            )
            count, end = await found.fetchone() or (0, 0)
            if not count:
                return 0
            tables = [vectors_of(number) for number, _ in await all_spaces(connection)]
        for first in range(0, end, REMOVED_AT_ONCE):
            async with self._connections.transaction() as connection:
                await documents.lock(connection, document.workspace, document.document_id, alone=True)
                of_copy = await documents.row_of(connection, workspace, document)
                if of_copy is None:
                    return 0
                row = of_copy[0]
                values = {"row": row, "source": of_source, "first": first, "end": first + REMOVED_AT_ONCE}
                await connection.execute(COPIED, values)
                for table in tables:
                    await connection.execute(sql.SQL(COPIED_VECTORS).format(table=table), values)
        await self._retitle(row, document, as_given(document))
        return int(count)

    async def delete(self, workspace: WorkspaceId, document_id: DocumentId, before: int | None) -> None:
        """Hide every generation, or those before one, in one transaction; then remove them."""
        async with self._connections.transaction() as connection:
            await documents.lock(connection, workspace, document_id, alone=True)
            dropped = await documents.hide(connection, workspace, document_id, before)
        await self._remove(dropped)

    async def leave(self, workspace: WorkspaceId, label: str) -> None:
        """Remove a workspace's vectors in a space, some hundred a transaction. Repeatable."""
        async with self._connections.reading() as connection:
            known = await all_spaces(connection)
        for number, name in known:
            if name == label:
                await self._until_none(
                    sql.SQL(LEFT).format(table=vectors_of(number)), (workspace, REMOVED_AT_ONCE)
                )

    async def purge(self) -> None:
        """Remove what a dead process left dropped; other replicas may be at it, too."""
        async with self._connections.reading() as connection:
            found = await connection.execute("SELECT id FROM document WHERE state = 'dropped'")
            dropped = [int(row) for (row,) in await found.fetchall()]
        await self._remove(dropped)

    async def renew(self) -> None:
        """Write all words anew, unless they are of this version: a minute for 100,000 chunks."""
        async with self._connections.reading() as connection:
            held = await (await connection.execute("SELECT words FROM meta")).fetchone()
        if held == (VERSION,):
            return
        last: tuple[int, int] | None = (0, -1)
        while last is not None:
            async with self._connections.reading() as connection:
                found = await (await connection.execute(NEXT_WORDS, (*last, BATCH_CHUNKS))).fetchall()
                await rewrite(connection, await asyncio.to_thread(rewritten, found))
            last = found[-1][1:3] if found else None
        async with self._connections.reading() as connection:
            await connection.execute("UPDATE meta SET words = %s", (VERSION,))

    async def _workspace(self, workspace: WorkspaceId) -> int:
        if workspace not in self._workspaces:
            async with self._connections.reading() as connection:
                self._workspaces[workspace] = await documents.workspace_id(connection, workspace)
        return self._workspaces[workspace]

    async def _retitle(self, row: int, document: IndexedDocument, current: Current) -> None:
        """Give chunks their title, a hundred a transaction; those that have it are left alone."""
        going_on = True
        while going_on:
            async with self._connections.transaction() as connection:
                await documents.lock(connection, document.workspace, document.document_id, alone=True)
                now = await current()
                if now is None:
                    return
                wanted = {"row": row, "title": storable(now.title), "limit": BATCH_CHUNKS}
                found = await (await connection.execute(TITLED_OTHERWISE, wanted)).fetchall()
                await rewrite(connection, await asyncio.to_thread(rewritten, found))
                going_on = len(found) == BATCH_CHUNKS
                if not going_on:
                    await documents.count(connection, row)

    async def _remove(self, dropped: Sequence[int]) -> None:
        """Remove rows that nobody can see any more; their vectors go with the chunks."""
        for row in dropped:
            await self._until_none(sql.SQL(REMOVED), {"row": row, "limit": REMOVED_AT_ONCE})
            async with self._connections.reading() as connection:
                await connection.execute("DELETE FROM document WHERE id = %s AND state = 'dropped'", (row,))

    async def _until_none(self, statement: sql.SQL | sql.Composed, values: Params) -> None:
        """Repeat a statement, each time a transaction, until no row is left for it."""
        going_on = True
        while going_on:
            async with self._connections.reading() as connection:
                going_on = (await connection.execute(statement, values)).rowcount > 0
