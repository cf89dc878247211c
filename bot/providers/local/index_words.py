"""The keyword index's rows: what FTS5 is given of a chunk, and how it forgets it again.

It is contentless: to remove a row it must be told what it was given, so what a chunk gives must not
change. Where it does (another version of the rules or the stemmer), all rows are written anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

import structlog

from bot.search.forms import VERSION, forms_of
from bot.search.words import folded, spaced

log = structlog.get_logger(__name__)

Words = tuple[int, str, str, str]
"""A chunk's id, title, heading and text."""

TABLE = """
    CREATE VIRTUAL TABLE index_fts USING fts5 (
        title, text, forms, content='',
        tokenize="porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
    )
"""
"""Marks are letters: most of Thai's and Hindi's vowels are such."""
BATCH_ROWS = 1_000
PAGES_PER_ROW = 4
"""Merged for each row that is removed. A row takes a fifth of a page: when one in twenty of all rows has
gone, the whole index was written anew, and the words of the removed are no longer in the file."""
STEP_PAGES = 500
"""60 ms, in which other writers wait."""
UNMERGED = "unmerged"


def add(db: sqlite3.Connection, rows: Iterable[Words]) -> None:
    """Make chunks findable by their words."""
    db.executemany(
        "INSERT INTO index_fts (rowid, title, text, forms) VALUES (?, ?, ?, ?)", map(_columns, rows)
    )


def remove(db: sqlite3.Connection, rows: Iterable[Words]) -> None:
    """Forget chunks, which must be as they were added."""
    db.executemany(
        "INSERT INTO index_fts (index_fts, rowid, title, text, forms) VALUES ('delete', ?, ?, ?, ?)",
        map(_columns, rows),
    )


def rows_of(db: sqlite3.Connection, ids: Sequence[int]) -> list[Words]:
    """What was added of these chunks."""
    return db.execute(
        "SELECT id, title, heading, text FROM index_chunk WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    ).fetchall()


def renew(db: sqlite3.Connection) -> None:
    """Write all rows, unless they are of this version: 25 s for 100,000. Begins again when cut off."""
    held = db.execute("SELECT value FROM index_meta WHERE key = 'words'").fetchone()
    if held == (VERSION,):
        return
    _begin(db)
    with db:
        db.execute("DELETE FROM index_meta WHERE key = 'words'")
        db.execute("DROP TABLE IF EXISTS index_fts")
        db.execute(TABLE)
    last, written = -1, 0
    while rows := db.execute(
        f"SELECT id, title, heading, text FROM index_chunk WHERE id > ? ORDER BY id LIMIT {BATCH_ROWS}",  # noqa: S608  # a constant
        (last,),
    ).fetchall():
        _begin(db)
        with db:
            add(db, rows)
        last, written = rows[-1][0], written + len(rows)
    db.execute("INSERT INTO index_meta VALUES ('words', ?)", (VERSION,))
    if written:
        log.info("words_written_anew", chunks=written, version=VERSION)


def merge(db: sqlite3.Connection, removed: int) -> None:
    """Write parts of the index anew, as many as that many removed rows are worth; each step a transaction."""
    db.execute("INSERT OR REPLACE INTO index_meta VALUES (?, '1')", (UNMERGED,))
    pages = PAGES_PER_ROW * removed
    while pages > 0 and _step(db, min(pages, STEP_PAGES)):
        pages -= STEP_PAGES


def finish_merging(db: sqlite3.Connection) -> None:
    """Free the file of the words of what was removed before: 3 s for 100,000 rows, nothing if none was."""
    if db.execute("SELECT 1 FROM index_meta WHERE key = ?", (UNMERGED,)).fetchone():
        while _step(db, STEP_PAGES):
            pass


def _step(db: sqlite3.Connection, pages: int) -> bool:
    """Go on merging everything into one; False, and noted, when there is nothing left to do."""
    _begin(db)
    with db:
        before = db.total_changes
        # A negative number: everything into one, not only what has become many.
        db.execute("INSERT INTO index_fts (index_fts, rank) VALUES ('merge', ?)", (-pages,))
        going_on = db.total_changes - before > 1  # the statement itself counts as one
        if not going_on:
            db.execute("DELETE FROM index_meta WHERE key = ?", (UNMERGED,))
    return going_on


def _columns(row: Words) -> tuple[int, str, str, str]:
    """A section's heading counts like the document's title."""
    chunk_id, title, heading, text = row
    above = f"{title}\n{heading}"
    forms = forms_of(f"{above}\n{text}")
    return chunk_id, spaced(folded(above)), spaced(folded(text)), folded(forms)


def _begin(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
