"""All rows of a data folder, looked through for a word: what is left when something had to go."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection
from pathlib import Path

from bot.app import Running


async def rows_with(bot: Running, word: str, besides: Collection[str] = ()) -> set[str]:
    """The tables in which some row holds the word, the embedded index's among them."""
    [path] = (bot.core.ingest.spool.parent).glob("*.db")
    return await asyncio.to_thread(_tables_with, path, word) - set(besides)


def _tables_with(path: Path, word: str) -> set[str]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {table for (table,) in tables if _holds(connection, table, word)}
    finally:
        connection.close()


def _holds(connection: sqlite3.Connection, table: str, word: str) -> bool:
    rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the schema's own names
    return any(word in str(value) or word.encode() in _bytes(value) for row in rows for value in row)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
