"""The few things that every repository needs: its session, and SQL that isn't one line."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, Table, UpdateBase, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

MAX_NAME_CHARS = 500
"""Titles and names; Slack itself stops at 255 or so, but a listing from outside may not."""
MAX_WORDS_CHARS = 4_000
"""Reasons, advice and questions."""
MAX_INTEGER = 2**63 - 1
"""SQLite's largest."""


class Repository:
    """One noun's rows inside one transaction; of no use after it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _write(self, statement: UpdateBase) -> int:
        """Run an INSERT, UPDATE or DELETE; the number of rows it touched."""
        result = cast("CursorResult[Any]", await self._session.execute(statement))
        return result.rowcount

    async def _insert_or_nothing(self, table: Table, **values: Any) -> bool:  # noqa: ANN401  # column values
        """Insert a row unless it breaks a unique key; whether it is new."""
        return await self._write(insert(table).values(**values).on_conflict_do_nothing()) > 0


def among(values: Collection[str]) -> Select[Any]:
    """The right side of `column IN …` for any number of values.

    One parameter holding a JSON array: a scope of 5,000 channels neither meets SQLite's limit of
    variables nor makes a statement of its own for each size.
    """
    return select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column as a condition only: joined to "" it is no key by which SQLite would search."""
    return column.concat("")


def storable(text: str, limit: int) -> str:
    """Text from outside that SQLite takes: cut to `limit` characters, lone surrogates replaced."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")
