"""A database of the first version, with data, brought up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine

from bot.database import Database
from bot.documents import migrations
from bot.domain import ChannelId, DocumentId, FileId, Message, Status, WorkspaceId
from bot.errors import OperatorError

T1 = WorkspaceId("T1")
DOCUMENTS = {
    # id: status, token, tombstoned_at, content_hash
    "indexed": ("indexed", None, None, "hash-1"),
    "waiting": ("pending", None, None, "hash-2"),
    "running": ("processing", "token", None, "hash-3"),
    "failed": ("failed", None, None, "hash-4"),
    "deleted": ("indexed", None, 9.0, "hash-5"),
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """To a database as version 0001 left it."""
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.connect() as connection:
        upgrade_to_0001(connection)
        connection.commit()
        yield connection
    engine.dispose()


def upgrade_to_0001(connection: Connection) -> None:
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    add = connection.exec_driver_sql
    add(
        "INSERT INTO workspace (id, name, domain, installed_at, settings)"
        " VALUES ('T1', 'Acme', '', 1.0, '{}')"
    )
    for number, (id_, (status, token, tombstoned_at, hash_)) in enumerate(DOCUMENTS.items(), start=1):
        add(
            "INSERT INTO document VALUES (?, 'T1', ?, 'Title', 'a.pdf', 'application/pdf', 7, ?, 'U1', ?,"
            " 'index', 1, 2, 3, 9, 'half', ?, ?, 2, 5.0, 'code', 'detail', 'advice', ?, 8.0, 6.0, 7.0, ?)",
            (id_, f"F-{id_}", hash_, status, number, token, 100.0 + number, tombstoned_at),
        )
        add("INSERT INTO share VALUES (?, 'C1', '1.0', '0.5', 'U1', 'https://x', NULL, 0, 1.0)", (id_,))
        add("INSERT INTO status_reply VALUES (?, 'C1', '2.0', NULL, 8.0, 0, 0.0, 0, NULL)", (id_,))
    for id_, processed_at, not_before in (
        ("due", None, 3.0),
        ("parked", None, 1e12 + 50),
        ("done", 4.0, 1e12),
    ):
        add(
            "INSERT INTO inbox_event VALUES (?, 'T1', 'message', ?, 1.0, ?, ?, 20, 'KeyError')",
            (id_, json.dumps({"n": id_}), processed_at, not_before),
        )
    add("INSERT INTO search_log VALUES ('s1', 'T1', 'U1', 'why?', 'command', 1, 2.0, NULL, 1.0)")


def rows(connection: Connection, table: str) -> dict[str, dict[str, object]]:
    found = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()  # noqa: S608  # a literal
    return {str(next(iter(row.values()))): dict(row) for row in found}


@pytest.mark.parametrize(
    "table", ["workspace", "document", "share", "inbox_event", "status_reply", "search_log"]
)
def test_an_upgrade_keeps_every_value_of_every_row(connection: Connection, table: str) -> None:
    before = rows(connection, table)
    migrations.upgrade(connection)
    after = rows(connection, table)
    before.get("parked", {}).pop("not_before", None)  # the one value that says something else now
    assert after.keys() == before.keys()
    assert {key: after[key] | row for key, row in before.items()} == after


def test_exactly_what_was_indexed_and_not_deleted_is_visible_after_an_upgrade(connection: Connection) -> None:
    migrations.upgrade(connection)
    visible = {
        id_: (row["indexed_generation"], row["indexed_hash"])
        for id_, row in rows(connection, "document").items()
    }
    assert visible.pop("indexed") == (1, "hash-1")
    assert set(visible.values()) == {(None, None)}


def test_an_event_that_was_put_off_for_ever_is_parked_after_an_upgrade(connection: Connection) -> None:
    migrations.upgrade(connection)
    parked = {
        id_: (row["parked_at"], row["not_before"]) for id_, row in rows(connection, "inbox_event").items()
    }
    assert parked == {"due": (None, 3.0), "parked": (50.0, 0.0), "done": (None, 1e12)}


@pytest.mark.usefixtures("connection")
async def test_an_upgraded_database_goes_on_where_it_was(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'state.db'}", lock_dir=tmp_path)
    async with database.transaction() as tx:
        assert await tx.documents.recover(now=10.0, max_attempts=5) == 1
        claimed = [await tx.documents.claim(now=10.0) for _ in range(3)]
        assert [job and job.key for job in claimed] == ["waiting", "running", None]
        content = await tx.documents.content(claimed[0], "hash-1", now=11.0)
        assert content is not None
        assert (content.generation, content.unchanged, content.twin) == (3, False, "indexed")
        accepted = await tx.documents.accept(T1, FileId("F-deleted"), Message(ChannelId("C1")), now=12.0)
        assert not accepted.share_created
        assert set(await tx.documents.visible(T1)) == {DocumentId("indexed")}
        assert (await tx.documents.counts_all())[Status.FAILED] == 1
        assert await tx.documents.drop_unshared(DocumentId("failed")) is False
        await tx.documents.remove_share(DocumentId("failed"), ChannelId("C1"))
        assert await tx.documents.drop_unshared(DocumentId("failed"))
        assert "failed" not in {reply.document.id for reply in await tx.replies.stale(now=1e9, limit=10)}
    await database.close()


async def test_an_upgrade_that_fails_leaves_the_old_version_with_all_its_rows(
    connection: Connection, tmp_path: Path
) -> None:
    connection.exec_driver_sql("INSERT INTO share VALUES ('nowhere', 'C1', '1', '1', 'U1', '', 0, 0, 1.0)")
    schema = "SELECT sql FROM sqlite_master ORDER BY name"
    before = rows(connection, "document"), connection.exec_driver_sql(schema).all()
    connection.commit()
    with pytest.raises(OperatorError, match="rows of share"):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'state.db'}", lock_dir=tmp_path)
    assert (rows(connection, "document"), connection.exec_driver_sql(schema).all()) == before
    with pytest.raises(OperatorError, match="older version"):
        migrations.check(connection)
