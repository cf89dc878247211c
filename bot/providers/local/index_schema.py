"""The embedded index's part of the SQLite file: tables, connections, and whose vectors it holds.

A chunk's row id is `document row << 20 | ordinal`, in every table and in the memory of vectors:
whose chunk it is can be told without a look-up, and a repeated write meets its former self.
A document row stands for one generation. It is visible exactly when it has rows in
`index_document_channel`, so that one join is both the scope and the generation.

A chunk may have vectors in several embedding spaces: a vector's row id is `space << 50 | chunk`, with
the number that `index_space` gives the space.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from bot.domain import EmbeddingSpace

ORDINAL_BITS = 20
"""A document has at most a million chunks: fifty times what the largest file gives."""
SPACE_BIT = 50
"""A billion document rows come before it, eight thousand spaces after it."""
CHUNK_MASK = (1 << SPACE_BIT) - 1
BUSY_TIMEOUT_S = 15.0
"""How long a write waits for the state's own transactions, which share the file."""
READER_CACHE_KIB = 8 * 1024

TABLES = (
    """CREATE TABLE IF NOT EXISTS index_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID""",
    # Row ids are never used twice: a search that still holds a removed row's id finds nothing by it.
    """CREATE TABLE IF NOT EXISTS index_document (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace TEXT NOT NULL,
        document_id TEXT NOT NULL,
        generation INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('written', 'published', 'dropped')),
        UNIQUE (workspace, document_id, generation)
    )""",
    """CREATE TABLE IF NOT EXISTS index_document_channel (
        workspace TEXT NOT NULL,
        channel TEXT NOT NULL,
        document INTEGER NOT NULL,
        PRIMARY KEY (workspace, channel, document)
    ) WITHOUT ROWID""",
    """CREATE INDEX IF NOT EXISTS index_document_channel_document ON index_document_channel (document)""",
    """CREATE TABLE IF NOT EXISTS index_chunk (
        id INTEGER PRIMARY KEY,
        page INTEGER NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        label TEXT,
        heading TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS index_space (number INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE)""",
    # Apart from the text, because all vectors are read at start-up and no text is.
    """CREATE TABLE IF NOT EXISTS index_vector (id INTEGER PRIMARY KEY, vector BLOB NOT NULL)""",
)


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; each of its transactions is on the disk when it returns."""
    connection = _connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what is removed is written over
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that can't write to the file. Its table `scope` is its own and in memory."""
    connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE scope (document INTEGER PRIMARY KEY)")
    return connection


def _connect(path: Path | str) -> sqlite3.Connection:
    # One thread at a time uses it, but not always the same.
    return sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=isinstance(path, str)
    )


def prepare(writer: sqlite3.Connection, spaces: Iterable[EmbeddingSpace]) -> dict[EmbeddingSpace, int]:
    """Create what is missing; the numbers of these spaces. Repeatable."""
    writer.execute("BEGIN IMMEDIATE")
    with writer:
        for table in TABLES:
            writer.execute(table)
        # An index used to have one space, whose vectors are those of number 0.
        writer.execute(
            "INSERT OR IGNORE INTO index_space SELECT 0, value FROM index_meta WHERE key = 'space'"
        )
        writer.execute("DELETE FROM index_meta WHERE key = 'space'")
        return {space: number_of(writer, space.label) for space in spaces}


def number_of(writer: sqlite3.Connection, label: str) -> int:
    """The number of a space; a new one is given the next."""
    writer.execute(
        "INSERT INTO index_space (number, label) SELECT coalesce(max(number) + 1, 0), ? FROM index_space"
        " WHERE true ON CONFLICT (label) DO NOTHING",
        (label,),
    )
    found = writer.execute("SELECT number FROM index_space WHERE label = ?", (label,)).fetchone()
    return int(found[0])
