"""What every repository needs: its session, and all SQL in which SQLite and PostgreSQL differ."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CursorResult,
    Dialect,
    Float,
    Select,
    String,
    Table,
    Text,
    UpdateBase,
    bindparam,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

MAX_NAME_CHARS = 500
"""Titles and names; Slack itself stops at 255 or so, but a listing from outside may not."""
MAX_WORDS_CHARS = 4_000
"""Reasons, advice and questions."""
MAX_INTEGER = 2**63 - 1
"""The largest of both."""
READING = "reading"
"""Of a session's `info`: whether its transaction may only read."""


class Repository:
    """One noun's rows inside one transaction; of no use after it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _write(self, statement: UpdateBase) -> int:
        """Run an INSERT, UPDATE or DELETE; the number of rows it touched."""
        if self._session.info.get(READING):
            raise RuntimeError("a transaction that only reads was told to write")
        counted = statement.execution_options(preserve_rowcount=True)  # psycopg's is gone with its cursor
        result = cast("CursorResult[Any]", await self._session.execute(counted))
        return result.rowcount

    async def _insert_or_nothing(self, table: Table, **values: Any) -> bool:  # noqa: ANN401  # column values
        """Insert a row unless it breaks a unique key; whether it is new."""
        on_postgres = self._session.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert if on_postgres else sqlite.insert
        return await self._write(insert(table).values(**values).on_conflict_do_nothing()) > 0


class _Strings(TypeDecorator[list[str]]):
    """Any number of strings as one parameter: an array, or in SQLite a JSON array."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(Text()) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:  # noqa: ANN401  # the driver's
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Each(GenericFunction[str]):
    """A row, with its `value`, for each of some strings."""

    name = "each_of_strings"
    type = String()
    inherit_cache = True


@compiles(_Each, "sqlite")
def _each_in_sqlite(each: _Each, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # the compiler's
    return f"json_each{compiler.function_argspec(each, **options)}"


@compiles(_Each, "postgresql")
def _each_in_postgres(each: _Each, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # the compiler's
    return f"(SELECT unnest{compiler.function_argspec(each, **options)} AS value)"


def among(values: Collection[str]) -> Select[Any]:
    """The right side of `column IN …` for any number of values.

    One parameter: a scope of 5,000 channels neither meets SQLite's limit of variables nor makes a
    statement of its own for each size.
    """
    strings = bindparam(None, list(values), type_=_Strings())
    return select(_Each(strings).table_valued("value").c.value)


class unindexed(GenericFunction[Any]):  # noqa: N801  # used as a function, as those of `func` are
    """The column as a condition only: joined to "" it is no key by which SQLite would search.

    PostgreSQL knows how many rows have which value and decides for itself.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.type = column.type
        super().__init__(column)


@compiles(unindexed, "sqlite")
def _unindexed_in_sqlite(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    return f"({compiler.process(element.clauses, **options)} || '')"


@compiles(unindexed, "postgresql")
def _unindexed_in_postgres(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    return compiler.process(element.clauses, **options)


class number_in(GenericFunction[float]):  # noqa: N801  # as above
    """The number that a text begins with, such as a message's `ts`; without one it is 0 or NULL."""

    type = Float()
    inherit_cache = True


@compiles(number_in, "sqlite")
def _number_in_sqlite(element: number_in, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    return f"CAST({compiler.process(element.clauses, **options)} AS FLOAT)"


@compiles(number_in, "postgresql")
def _number_in_postgres(element: number_in, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    digits = "'^[0-9]{1,15}(?:[.][0-9]{1,15})?'"
    return f"CAST(substring({compiler.process(element.clauses, **options)} FROM {digits}) AS FLOAT)"


def storable(text: str, limit: int) -> str:
    """Text from outside that a database takes: cut to `limit` characters, lone surrogates replaced."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")
