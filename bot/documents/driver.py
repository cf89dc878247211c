"""aiosqlite with one trip to its thread a statement instead of four: each trip wakes two threads.

Making a cursor, executing, fetching and closing are four trips, and a document's way through the tables
is fifty statements: without this it took a third more CPU.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite

Row = tuple[Any, ...]


def connect(path: str, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401  # of sqlite3.connect
    """A connection that isn't open yet, for SQLAlchemy's `async_creator_fn`. Awaiting it opens it."""
    connection = _Connection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does with one of its own
    return connection


class _Connection(aiosqlite.Connection):
    def cursor(self) -> aiosqlite.Cursor:  # type: ignore[override]  # SQLAlchemy enters it, and a cursor can be
        return _Cursor(self)


class _Cursor(aiosqlite.Cursor):
    """Comes back from `execute` with all its rows, as SQLAlchemy wants them in any case."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        super().__init__(connection, None)  # type: ignore[arg-type]  # made where it is used
        self._rows: list[Row] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> aiosqlite.Cursor:
        """Run one statement and take its rows, in the driver's thread."""

        def run() -> None:
            self._cursor = self._conn._conn.execute(sql, tuple(parameters or ()))  # noqa: SLF001  # the driver's own
            self._rows = self._cursor.fetchall() if self._cursor.description else []

        await self._there(run)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> aiosqlite.Cursor:
        """Run one statement for each row of parameters, in the driver's thread."""

        def run() -> None:
            self._cursor = self._conn._conn.executemany(sql, map(tuple, parameters))  # noqa: SLF001  # as above

        await self._there(run)
        return self

    async def _there(self, run: Callable[[], None]) -> None:
        await self._execute(run)  # type: ignore[no-untyped-call]  # aiosqlite gives it no types

    async def fetchall(self) -> Sequence[Row]:  # type: ignore[override]  # rows are what sqlite3 gives
        """The rows that `execute` took."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left open: the rows were all taken."""
