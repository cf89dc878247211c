from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from bot.documents.faults import database_faults
from bot.errors import OperatorError, ProviderUnavailable

PATH = Path("/data/state.db")


def test_a_full_disk_passes_by_itself_and_says_what_to_do(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.db")
    connection.execute("PRAGMA max_page_count = 2")
    with pytest.raises(ProviderUnavailable, match="is full") as full, database_faults(PATH):
        connection.execute("CREATE TABLE t AS SELECT zeroblob(100000) AS b")
    connection.close()
    assert str(PATH) in full.value.advice


def test_a_busy_database_passes_by_itself(tmp_path: Path) -> None:
    one, two = (sqlite3.connect(tmp_path / "busy.db", timeout=0, isolation_level=None) for _ in range(2))
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(ProviderUnavailable, match="busy"), database_faults(PATH):
        two.execute("BEGIN IMMEDIATE")
    one.close()
    two.close()


def test_a_database_that_may_not_be_written_is_the_operators(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.db").close()
    connection = sqlite3.connect(f"file:{tmp_path / 'x.db'}?mode=ro", uri=True)
    with pytest.raises(OperatorError, match="for writing"), database_faults(PATH):
        connection.execute("CREATE TABLE t (x)")
    connection.close()


def test_a_broken_constraint_is_a_bug_and_passes_as_it_is() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x PRIMARY KEY)"))
        with pytest.raises(IntegrityError), database_faults(PATH):
            connection.execute(text("INSERT INTO t VALUES (1), (1)"))
    engine.dispose()
