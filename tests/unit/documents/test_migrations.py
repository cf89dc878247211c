from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect
from sqlmodel import SQLModel

from bot.documents import migrations, tables
from bot.errors import OperatorError


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(connection: Connection) -> None:
    migrations.upgrade(connection)
    connection.exec_driver_sql("CREATE TABLE index_meta (key TEXT)")  # the embedded index's own
    context = MigrationContext.configure(
        connection,
        opts={
            "include_name": lambda name, kind, _parents: migrations.ours(name, kind),
            "compare_server_default": True,
        },
    )
    assert compare_metadata(context, SQLModel.metadata) == []
    assert set(SQLModel.metadata.tables) == {
        *("workspace", "document", "share", "inbox_event", "status_reply", "backfill", "search_log"),
        *("conversation", "turn", "reembedding", "space", "space_reader", "api_key", "api_request"),
        *("upload", "upload_piece", "replica", "installation", "oauth_state"),
    }


def test_the_migrations_make_the_checks_of_the_models_too(connection: Connection) -> None:
    migrations.upgrade(connection)
    migrated = inspect(connection).get_check_constraints("document")
    engine = create_engine("sqlite://")
    with engine.begin() as fresh:
        tables.DOCUMENT.metadata.create_all(fresh)
        assert inspect(fresh).get_check_constraints("document") == migrated
    engine.dispose()
    assert {check["name"] for check in migrated} == {"document_token", "document_tombstone"}


def test_upgrading_twice_changes_nothing(connection: Connection) -> None:
    migrations.upgrade(connection)
    schema = connection.exec_driver_sql("SELECT sql FROM sqlite_master").all()
    migrations.upgrade(connection)
    assert connection.exec_driver_sql("SELECT sql FROM sqlite_master").all() == schema
    migrations.check(connection)


def test_a_database_of_a_newer_version_is_refused_in_words(connection: Connection) -> None:
    migrations.upgrade(connection)
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for step in (migrations.upgrade, migrations.check):
        with pytest.raises(OperatorError, match="newer version"):
            step(connection)


def test_an_empty_database_is_not_readable_yet(connection: Connection) -> None:
    with pytest.raises(OperatorError, match="empty") as refusal:
        migrations.check(connection)
    assert "Start the bot once" in refusal.value.advice
    assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0


def test_rows_that_would_lose_what_they_belong_to_stop_an_upgrade(connection: Connection) -> None:
    migrations.upgrade(connection)
    connection.exec_driver_sql("DROP TABLE alembic_version")
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    for table in set(SQLModel.metadata.tables) - {"share"}:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql("ALTER TABLE share RENAME TO orphan")
    connection.exec_driver_sql("DROP INDEX share_channel")
    connection.exec_driver_sql("INSERT INTO orphan VALUES ('D', 'C', NULL, NULL, NULL, NULL, NULL, 0, 0.0)")
    with pytest.raises(OperatorError, match="rows of orphan"):
        migrations.upgrade(connection)
