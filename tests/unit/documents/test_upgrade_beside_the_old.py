"""An old version goes on writing and reading while the schema is a newer one already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, create_engine, func, insert, select, update
from sqlalchemy.types import JSON, Boolean, Float, Integer, LargeBinary

from bot.documents import migrations

FIRST_OF_REPLICAS = "0005"
"""From it on replicas are replaced one by one (see tests/architecture/test_migrations_only_add.py)."""
REVISIONS = sorted(
    script.revision for script in ScriptDirectory.from_config(migrations._config()).walk_revisions()
)
OLD = [revision for revision in REVISIONS[:-1] if revision >= FIRST_OF_REPLICAS]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def as_of(connection: Connection, revision: str) -> dict[str, Table]:
    """The tables of a version, made and as it knows them."""
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    known = MetaData()
    known.reflect(connection)
    return {name: table for name, table in known.tables.items() if name != "alembic_version"}


def row(table: Table, word: str) -> dict[str, object]:
    """What a version writes at least: all that has to have a value."""
    return {column.name: value(column, word) for column in table.columns if not column.nullable}


def value(column: Column, word: str) -> object:
    for key in column.foreign_keys:
        return value(key.column, word)
    for kind, example in (
        (Boolean, False),
        (JSON, {"n": word}),
        (LargeBinary, word.encode()),
        (Integer, len(word)),
        (Float, 1.5),
    ):
        if isinstance(column.type, kind):
            return example
    return f"{word}-{column.name}"


def read(connection: Connection, table: Table) -> list[Mapping]:
    return [dict(found) for found in connection.execute(select(table)).mappings()]


@pytest.mark.parametrize("revision", OLD)
def test_what_an_old_version_wrote_stays_and_it_goes_on_writing_on_the_newest_schema(
    connection: Connection, revision: str
) -> None:
    tables = as_of(connection, revision)
    for table in tables.values():
        connection.execute(insert(table).values(row(table, "a")))
    before = {name: read(connection, table) for name, table in tables.items()}

    migrations.upgrade(connection)

    for name, table in tables.items():
        assert read(connection, table) == before[name]
        connection.execute(insert(table).values(row(table, "later")))
        [key, *_] = table.primary_key.columns
        connection.execute(update(table).where(key == value(key, "a")).values(row(table, "changed")))
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 2
    migrations.check(connection)
