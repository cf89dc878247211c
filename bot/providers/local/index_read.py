"""What reads the embedded index: the scope is part of each statement, never applied afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from bot.domain import Candidate, ChannelId, Chunk, DocumentId, Held, Scope, Stored, WorkspaceId
from bot.ports import Vectors
from bot.providers.local.index_schema import CHUNK_MASK, ORDINAL_BITS, SPACE_BIT
from bot.providers.local.index_scope import bound as bound_to
from bot.providers.local.index_scope import documents_in
from bot.providers.local.vectors import BLOCK_ROWS, VectorMemory

READS = 3
"""How often a dense search starts again because a document was replaced in the middle of it."""

CANDIDATE = f"""
    SELECT d.document_id, d.generation, c.id & {(1 << ORDINAL_BITS) - 1}, c.page, c.text, r.score,
           c.label, c.heading
    FROM ranked r JOIN index_chunk c ON c.id = r.id JOIN index_document d ON d.id = c.id >> {ORDINAL_BITS}
    ORDER BY r.score DESC, r.id
"""  # noqa: S608  # constants
INVENTORY = f"""
    SELECT d.id, d.document_id, d.generation, d.state,
           (SELECT count(*) FROM index_chunk
            WHERE id BETWEEN d.id << {ORDINAL_BITS} AND ((d.id + 1) << {ORDINAL_BITS}) - 1)
    FROM index_document d WHERE d.workspace = ?
"""  # noqa: S608  # constants
READ = f"""
    SELECT c.id & {(1 << ORDINAL_BITS) - 1}, c.page, c.start, c.stop, c.text, c.label, c.heading
    FROM index_document d JOIN index_chunk c
        ON c.id BETWEEN (d.id << {ORDINAL_BITS}) + :first AND (d.id << {ORDINAL_BITS}) + :last
    WHERE d.workspace = :workspace AND d.document_id = :document AND d.generation = :generation
        AND d.id IN ({{scope}})
    ORDER BY c.id
"""  # noqa: S608  # constants
CHUNKS = f"c.id BETWEEN d.id << {ORDINAL_BITS} AND ((d.id + 1) << {ORDINAL_BITS}) - 1"
OUTSIDE = f"NOT EXISTS (SELECT 1 FROM index_vector v WHERE v.id = (:space << {SPACE_BIT}) + c.id)"  # noqa: S608  # constants
BEHIND = f"""
    SELECT d.document_id FROM index_document d
    WHERE d.workspace = :workspace AND d.state = 'published'
        AND EXISTS (SELECT 1 FROM index_chunk c WHERE {CHUNKS} AND {OUTSIDE})
    ORDER BY d.id
"""  # noqa: S608  # constants
STORED = f"""
    SELECT d.generation, c.id & {(1 << ORDINAL_BITS) - 1}, c.page, c.start, c.stop, c.text, c.label, c.heading
    FROM index_document d JOIN index_chunk c ON {CHUNKS}
    WHERE d.workspace = :workspace AND d.document_id = :document AND d.state = 'published' AND {OUTSIDE}
    ORDER BY c.id
"""  # noqa: S608  # constants
SPACES = f"""
    SELECT s.label FROM index_space s WHERE EXISTS (
        SELECT 1 FROM index_document d JOIN index_vector v
            ON v.id BETWEEN (s.number << {SPACE_BIT}) + (d.id << {ORDINAL_BITS})
            AND (s.number << {SPACE_BIT}) + ((d.id + 1) << {ORDINAL_BITS}) - 1
        WHERE d.workspace = :workspace
    )
"""  # noqa: S608  # constants
DENSE = f"""
    WITH ranked AS (
        SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS score
        FROM json_each(:nearest)
    ) {CANDIDATE}
"""  # noqa: S608  # constants


def dense(
    db: sqlite3.Connection, memory: VectorMemory, scope: Scope, vector: Vectors, limit: int
) -> list[Candidate]:
    """The nearest chunks by cosine. What is visible and what is returned come from one snapshot."""
    bound = bound_to(scope)
    for _ in range(READS):
        removals = memory.removals
        db.execute("BEGIN")
        with db:
            rows = db.execute(documents_in(scope), bound).fetchall()
            documents = np.fromiter((row for (row,) in rows), dtype=np.int64, count=len(rows))
            ids, scores = memory.nearest(vector, documents, limit)
            nearest = json.dumps(list(zip(ids.tolist(), scores.tolist(), strict=True)))
            found = candidates(db.execute(DENSE, bound | {"nearest": nearest}))
        if memory.removals == removals:
            break
    return found


def read(
    db: sqlite3.Connection, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
) -> list[Chunk]:
    """Those chunks of a document, in reading order."""
    bound = bound_to(scope) | {
        "document": document_id,
        "generation": generation,
        "first": max(ordinals.start, 0),
        "last": min(ordinals.stop, 1 << ORDINAL_BITS) - 1,
    }
    return [Chunk(*row) for row in db.execute(READ.format(scope=documents_in(scope)), bound)]


def behind(db: sqlite3.Connection, workspace: WorkspaceId, space: int) -> list[DocumentId]:
    """The visible documents with a chunk that has no vector in a space."""
    return [DocumentId(name) for (name,) in db.execute(BEHIND, {"workspace": workspace, "space": space})]


def stored(
    db: sqlite3.Connection, workspace: WorkspaceId, document_id: DocumentId, space: int
) -> Stored | None:
    """The chunks of a visible document that have no vector in a space."""
    bound = {"workspace": workspace, "document": document_id, "space": space}
    rows = db.execute(STORED, bound).fetchall()
    return Stored(rows[0][0], tuple(Chunk(*row[1:]) for row in rows)) if rows else None


def spaces(db: sqlite3.Connection, workspace: WorkspaceId) -> frozenset[str]:
    """The labels of the spaces that a workspace has vectors in."""
    return frozenset(label for (label,) in db.execute(SPACES, {"workspace": workspace}))


def candidates(rows: Iterable[tuple[str, int, int, int, str, float, str | None, str]]) -> list[Candidate]:
    """What `CANDIDATE` gave."""
    return [
        Candidate(DocumentId(document), generation, ordinal, page, text, float(score), label, heading)
        for document, generation, ordinal, page, text, score, label, heading in rows
    ]


def inventory(db: sqlite3.Connection, workspace: WorkspaceId) -> dict[DocumentId, Held]:
    """What a workspace has here: the published generation of each document, and what is left of others."""
    channels: dict[int, set[ChannelId]] = {}
    for channel, row in db.execute(
        "SELECT channel, document FROM index_document_channel WHERE workspace = ?", (workspace,)
    ):
        channels.setdefault(row, set()).add(ChannelId(channel))
    held: dict[DocumentId, Held] = {}
    for row, name, generation, state, chunks in db.execute(INVENTORY, (workspace,)):
        document_id = DocumentId(name)
        former = held.get(document_id, Held(None, 0, frozenset()))
        newest = max(former.newest, generation)
        if state == "published":
            where = frozenset(channels.get(row, ()))
            held[document_id] = Held(generation, chunks, where, former.strays, newest)
        else:
            held[document_id] = replace(former, strays=former.strays + chunks, newest=newest)
    return held


def load(db: sqlite3.Connection, number: int, memory: VectorMemory) -> None:
    """Read the vectors of a space into memory."""
    vectors = db.execute(
        f"SELECT id & {CHUNK_MASK}, vector FROM index_vector WHERE id BETWEEN ? AND ?",  # noqa: S608  # constants
        (number << SPACE_BIT, number << SPACE_BIT | CHUNK_MASK),
    )
    while rows := vectors.fetchmany(BLOCK_ROWS):
        ids = np.array([row[0] for row in rows], dtype=np.int64)
        halves = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
        memory.put(ids, halves.reshape(len(rows), -1).astype(np.float32))
