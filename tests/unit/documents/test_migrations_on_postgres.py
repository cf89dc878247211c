from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect
from sqlmodel import SQLModel

from bot.documents import migrations

ROW = {
    "id": "D1", "workspace_id": "T1", "file_id": "F1", "title": "", "name": "", "mimetype": "", "size": 1,
    "content_hash": "hash", "status": "indexed", "stage": "index", "progress_done": 0, "progress_total": 0,
    "pages": 1, "chunks": 1, "generation": 3, "attempts": 0, "not_before": 0.0, "created_at": 7.0,
    "changed_at": 8.0,
}  # fmt: skip  # a row of the first version


@pytest.fixture
def connection(empty_postgres_url: str) -> Iterator[Connection]:
    engine = create_engine(empty_postgres_url, use_native_hstore=False)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(connection: Connection) -> None:
    assert not migrations.is_current(connection)
    migrations.upgrade(connection)
    assert migrations.is_current(connection)
    opts = {"include_name": lambda name, kind, _parents: migrations.ours(name, kind)}
    assert compare_metadata(MigrationContext.configure(connection, opts=opts), SQLModel.metadata) == []
    checks = {check["name"] for check in inspect(connection).get_check_constraints("document")}
    assert checks == {"document_token", "document_tombstone"}
    migrations.upgrade(connection)
    migrations.check(connection)


def test_rows_of_the_first_version_are_carried_over(connection: Connection) -> None:
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    connection.exec_driver_sql(
        "INSERT INTO workspace (id, name, domain, installed_at, settings) VALUES ('T1', '', '', 1, '{}')"
    )
    values = ", ".join(f"%({name})s" for name in ROW)
    connection.exec_driver_sql(f"INSERT INTO document ({', '.join(ROW)}) VALUES ({values})", ROW)  # noqa: S608  # constants
    migrations.upgrade(connection)
    row = connection.exec_driver_sql(
        "SELECT indexed_generation, indexed_hash, queued_at, priority, waits, checked_at FROM document"
    ).one()
    assert row == (3, "hash", 7.0, 0, 0, 0.0)
