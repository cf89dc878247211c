"""What changes the embedded index, on its one writing connection. Each transaction is short.

The state database shares the file, and its writers wait for ours: nothing here holds a transaction
for longer than about a hundred chunks take. Whatever is cut off half-way is invisible, and removed
at the next start or by the next call for the same document.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from bot.domain import ChannelId, Chunk, DocumentId, IndexedDocument, WorkspaceId
from bot.ports import Vectors
from bot.providers.local import index_words
from bot.providers.local.index_schema import ORDINAL_BITS, SPACE_BIT
from bot.providers.local.vectors import VectorMemory

Halves = npt.NDArray[np.float16]
BATCH_CHUNKS = 100
VECTORS_OF = f"id IN (SELECT (number << {SPACE_BIT}) + value FROM index_space, json_each(?))"  # noqa: S608  # constants
"""In every space there is."""
CHUNKS_OF = f"id BETWEEN :row << {ORDINAL_BITS} AND ((:row + 1) << {ORDINAL_BITS}) - 1"


class IndexWriter:
    """Not safe between threads: one thread owns the connection. Spaces go by their numbers.

    `memories` are of the spaces that are searched.
    """

    def __init__(self, connection: sqlite3.Connection, memories: Mapping[int, VectorMemory]) -> None:
        self._db = connection
        self._memories = memories

    def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Mapping[int, Vectors]
    ) -> None:
        """Store chunks of one generation with their vectors by space, a hundred a transaction. Repeatable."""
        for start in range(0, len(chunks), BATCH_CHUNKS):
            end = start + BATCH_CHUNKS
            batch = [_storable(chunk) for chunk in chunks[start:end]]
            halves = {space: rows[start:end].astype(np.float16) for space, rows in vectors.items()}
            self._begin()
            with self._db:
                row = self._row_of(document)
                if row is None:
                    return
                ids = [row << ORDINAL_BITS | chunk.ordinal for chunk in batch]
                self._forget(ids)
                self._insert(_utf8(document.title), ids, batch)
                self._insert_vectors(ids, halves)
            self._remember(ids, halves)

    def enter(self, document: IndexedDocument, ordinals: Sequence[int], space: int, vectors: Vectors) -> None:
        """Give chunks of a visible generation their vectors in a space; nothing if it isn't visible."""
        for start in range(0, len(ordinals), BATCH_CHUNKS):
            halves = {space: vectors[start : start + BATCH_CHUNKS].astype(np.float16)}
            self._begin()
            with self._db:
                row = self._visible_row(document.workspace, document.document_id, document.generation)
                if row is None:
                    return
                ids = [row << ORDINAL_BITS | ordinal for ordinal in ordinals[start : start + BATCH_CHUNKS]]
                self._insert_vectors(ids, halves)
            self._remember(ids, halves)

    def leave(self, workspace: WorkspaceId, label: str) -> None:
        """Remove a workspace's vectors in a space, a hundred a transaction. Repeatable."""
        known = self._db.execute("SELECT number FROM index_space WHERE label = ?", (label,)).fetchall()
        of_it = "SELECT id FROM index_document WHERE workspace = ?"
        for (row,) in self._db.execute(of_it, (workspace,)).fetchall() if known else ():
            for ids in self._batches_of(row):
                self._begin()
                with self._db:
                    self._forget_vectors(ids, known[0][0])
                if (memory := self._memories.get(known[0][0])) is not None:
                    memory.drop(ids)

    def publish(self, document: IndexedDocument) -> None:
        """Switch to a generation in one transaction, then remove the older ones."""
        self._begin()
        with self._db:
            row = self._row_of(document)
            if row is None:
                return
            self._hide(document.workspace, document.document_id, document.generation)
            self._db.execute("UPDATE index_document SET state = 'published' WHERE id = ?", (row,))
            self._show(document.workspace, row, document.channels)
        self.purge()

    def describe(self, document: IndexedDocument) -> None:
        """Replace the channels of the visible generation in one transaction, then its title."""
        self._begin()
        with self._db:
            row = self._visible_row(document.workspace, document.document_id)
            if row is None:
                return
            self._show(document.workspace, row, document.channels)
        title = _utf8(document.title)
        for ids in self._batches_of(row):
            self._begin()
            with self._db:
                self._retitle(ids, title)

    def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store the visible chunks of `source` as this document's, a hundred a transaction. Repeatable."""
        row = self._visible_row(document.workspace, source)
        copied = 0
        for ids in self._batches_of(row) if row is not None else ():
            chunks = self._stored(ids)
            self.write(document, chunks, self._vectors_of(ids))
            copied += len(chunks)
        return copied

    def delete(self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None) -> None:
        """Hide every generation, or those before one, in one transaction; then remove them."""
        self._begin()
        with self._db:
            self._hide(workspace, document_id, before)
        self.purge()

    def purge(self) -> None:
        """Remove what is dropped, a hundred chunks a transaction; what a dead process left, too."""
        removed = 0
        for (row,) in self._db.execute("SELECT id FROM index_document WHERE state = 'dropped'").fetchall():
            for ids in self._batches_of(row):
                self._begin()
                with self._db:
                    self._forget(ids)
                for memory in self._memories.values():
                    memory.drop(ids)
                removed += len(ids)
            self._db.execute("DELETE FROM index_document WHERE id = ?", (row,))
        if removed:
            index_words.merge(self._db, removed)

    def _visible_row(
        self, workspace: WorkspaceId, document_id: DocumentId, generation: int | None = None
    ) -> int | None:
        found = self._db.execute(
            "SELECT id FROM index_document WHERE workspace = ? AND document_id = ? AND state = 'published'"
            " AND generation = coalesce(?, generation)",
            (workspace, document_id, generation),
        ).fetchone()
        return int(found[0]) if found else None

    def _stored(self, ids: Sequence[int]) -> list[Chunk]:
        """Chunks as they were written."""
        found = self._db.execute(
            "SELECT id, page, start, stop, text, label, heading FROM index_chunk"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(ids),),
        )
        return [Chunk(chunk_id & ((1 << ORDINAL_BITS) - 1), *fields) for chunk_id, *fields in found]

    def _vectors_of(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """The vectors of these chunks in each space that has them all."""
        spaces: dict[int, list[bytes]] = {}
        statement = f"SELECT id, vector FROM index_vector WHERE {VECTORS_OF} ORDER BY id"  # noqa: S608  # constants
        for row, vector in self._db.execute(statement, (json.dumps(ids),)):
            spaces.setdefault(row >> SPACE_BIT, []).append(vector)
        return {
            space: np.frombuffer(b"".join(rows), dtype=np.float16).reshape(len(ids), -1).astype(np.float32)
            for space, rows in spaces.items()
            if len(rows) == len(ids)
        }

    def _retitle(self, ids: Sequence[int], title: str) -> None:
        """Give chunks another title, in the keyword index too; those that have it are left alone."""
        former = [row for row in index_words.rows_of(self._db, ids) if row[1] != title]
        index_words.remove(self._db, former)
        index_words.add(self._db, [(row, title, heading, text) for row, _, heading, text in former])
        self._db.executemany(
            "UPDATE index_chunk SET title = ? WHERE id = ?", [(title, chunk_id) for chunk_id, *_ in former]
        )

    def _begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")  # waits for its turn here, never in the middle

    def _row_of(self, document: IndexedDocument) -> int | None:
        """The row of a generation, made unless it is there; None when a newer one is visible."""
        key = (document.workspace, document.document_id, document.generation)
        newer = self._db.execute(
            "SELECT 1 FROM index_document WHERE workspace = ? AND document_id = ? AND generation > ?"
            " AND state = 'published'",
            key,
        )
        if newer.fetchone():
            return None
        self._db.execute(
            "INSERT INTO index_document (workspace, document_id, generation, state)"
            " VALUES (?, ?, ?, 'written')"
            " ON CONFLICT (workspace, document_id, generation) DO NOTHING",
            key,
        )
        found = self._db.execute(
            "SELECT id FROM index_document WHERE workspace = ? AND document_id = ? AND generation = ?", key
        )
        return int(found.fetchone()[0])

    def _hide(self, workspace: WorkspaceId, document_id: DocumentId, before: int | None) -> None:
        """Drop every generation, or those before one. A dropped one gives up its number for a new one."""
        found = self._db.execute(
            "SELECT id FROM index_document WHERE workspace = ? AND document_id = ?"
            " AND (? IS NULL OR generation < ?)",
            (workspace, document_id, before, before),
        )
        rows = found.fetchall()
        self._db.executemany("DELETE FROM index_document_channel WHERE document = ?", rows)
        self._db.executemany(
            "UPDATE index_document SET state = 'dropped', generation = -id WHERE id = ?", rows
        )

    def _show(self, workspace: WorkspaceId, row: int, channels: frozenset[ChannelId]) -> None:
        """Make a generation visible in exactly these channels."""
        self._db.execute("DELETE FROM index_document_channel WHERE document = ?", (row,))
        self._db.executemany(
            "INSERT INTO index_document_channel (workspace, channel, document) VALUES (?, ?, ?)",
            [(workspace, channel, row) for channel in sorted(channels)],
        )

    def _insert(self, title: str, ids: Sequence[int], chunks: Sequence[Chunk]) -> None:
        self._db.executemany(
            "INSERT INTO index_chunk (id, page, start, stop, label, heading, title, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (chunk_id, c.page, c.start, c.end, c.label, c.heading, title, c.text)
                for chunk_id, c in zip(ids, chunks, strict=True)
            ],
        )
        index_words.add(
            self._db, [(row, title, c.heading, c.text) for row, c in zip(ids, chunks, strict=True)]
        )

    def _forget(self, ids: Sequence[int]) -> None:
        """Remove chunks from every table; the keyword index must be told what it was given."""
        listed = (json.dumps(ids),)
        among = "id IN (SELECT value FROM json_each(?))"
        index_words.remove(self._db, index_words.rows_of(self._db, ids))
        self._db.execute(f"DELETE FROM index_chunk WHERE {among}", listed)  # noqa: S608  # constants
        self._db.execute(f"DELETE FROM index_vector WHERE {VECTORS_OF}", listed)  # noqa: S608  # constants

    def _insert_vectors(self, ids: Sequence[int], vectors: Mapping[int, Halves]) -> None:
        """Vectors of chunks by space; a chunk that isn't there gets none."""
        self._db.executemany(
            "INSERT OR REPLACE INTO index_vector (id, vector) SELECT ?, ? FROM index_chunk WHERE id = ?",
            [
                (space << SPACE_BIT | chunk_id, half.tobytes(), chunk_id)
                for space, halves in vectors.items()
                for chunk_id, half in zip(ids, halves, strict=True)
            ],
        )

    def _forget_vectors(self, ids: Sequence[int], space: int) -> None:
        rows = json.dumps([space << SPACE_BIT | chunk_id for chunk_id in ids])
        self._db.execute("DELETE FROM index_vector WHERE id IN (SELECT value FROM json_each(?))", (rows,))

    def _remember(self, ids: Sequence[int], vectors: Mapping[int, Halves]) -> None:
        for space, halves in vectors.items():
            if (memory := self._memories.get(space)) is not None:
                memory.put(np.array(ids, dtype=np.int64), halves.astype(np.float32))

    def _batches_of(self, row: int) -> Iterator[list[int]]:
        found = self._db.execute(f"SELECT id FROM index_chunk WHERE {CHUNKS_OF}", {"row": row})  # noqa: S608  # constants
        ids = [chunk_id for (chunk_id,) in found.fetchall()]
        for start in range(0, len(ids), BATCH_CHUNKS):
            yield ids[start : start + BATCH_CHUNKS]


def _storable(chunk: Chunk) -> Chunk:
    """SQLite keeps UTF-8, which has no lone surrogates: each becomes a question mark, spans stay right."""
    label = None if chunk.label is None else _utf8(chunk.label)
    return replace(chunk, text=_utf8(chunk.text), heading=_utf8(chunk.heading), label=label)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
