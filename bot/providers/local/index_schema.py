"""The embedded index's part of the SQLite file: tables, connections, and whose vectors it holds.

A chunk's row id is `document row << 20 | ordinal`, in every table and in the memory of vectors:
whose chunk it is can be told without a look-up, and a repeated write meets its former self.
A document row stands for one generation. It is visible exactly when it has rows in
`index_document_channel`, so that one join is both the scope and the generation.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError

ORDINAL_BITS = 20
"""A document has at most a million chunks: fifty times what the largest file gives."""
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
    # Apart from the text, because all vectors are read at start-up and no text is.
    """CREATE TABLE IF NOT EXISTS index_vector (id INTEGER PRIMARY KEY, vector BLOB NOT NULL)""",
    # Contentless: what is indexed is the text as `words.spaced` gives it; what is shown is index_chunk's.
    """CREATE VIRTUAL TABLE IF NOT EXISTS index_fts USING fts5 (
        title, text, content='', tokenize='porter unicode61'
    )""",
)


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; each of its transactions is on the disk when it returns."""
    connection = _connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that can't write."""
    connection = _connect(path)
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    # One thread at a time uses it, but not always the same.
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def prepare(writer: sqlite3.Connection, space: EmbeddingSpace) -> None:
    """Create what is missing. Raises OperatorError when the vectors are of another space. Repeatable."""
    writer.execute("BEGIN IMMEDIATE")
    with writer:
        for table in TABLES:
            writer.execute(table)
        ours = f"{space.name}/{space.dimension}"
        empty = writer.execute("SELECT NOT EXISTS (SELECT 1 FROM index_vector)").fetchone()[0]
        if empty:
            writer.execute("INSERT OR REPLACE INTO index_meta VALUES ('space', ?)", (ours,))
        held = writer.execute("SELECT value FROM index_meta WHERE key = 'space'").fetchone()
        if held is None or held[0] != ours:
            theirs = held[0] if held else "an unknown model"
            raise OperatorError(
                f"The index holds embeddings of {theirs}, and the bot is set to {ours}",
                "Set the former embedding provider again, or index into an empty data folder.",
            )
