from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.documents.faults import database_faults
from bot.documents.server_faults import server_faults
from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, SettingError

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


class Said(Exception):
    """What the driver raises: words, and PostgreSQL's code where the server answered."""

    def __init__(self, state: str | None, words: str = "") -> None:
        super().__init__(words)
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "words", "kind", "message"),
    [
        ("53100", "", ProviderUnavailable, "disk of the database is full"),
        ("53300", "", ProviderUnavailable, "no room for another connection"),
        ("58030", "", ProviderUnavailable, "can't be read or written"),
        ("57P01", "", ProviderUnavailable, "can't be reached"),
        ("25P03", "", ProviderUnavailable, "can't be reached"),
        ("08006", "", ProviderUnavailable, "can't be reached"),
        ("57014", "", ProviderUnavailable, "busy"),
        ("40P01", "", ProviderUnavailable, "busy"),
        ("25006", "", ProviderUnavailable, "no changes"),
        ("42501", "", OperatorError, "lacks a right"),
        ("XX001", "", OperatorError, "damaged"),
        (None, "server closed the connection unexpectedly", ProviderUnavailable, "can't be reached"),
        (None, "FATAL:  sorry, too many clients already", ProviderUnavailable, "no room"),
        (None, "FATAL:  the database system is starting up", ProviderUnavailable, "can't be reached"),
        (None, 'FATAL:  password authentication failed for user "u"', SettingError, "user or password"),
    ],
)
def test_what_postgres_says_is_a_sentence_for_whoever_can_mend_it(
    state: str | None, words: str, kind: type[FaultMavenError], message: str
) -> None:
    with pytest.raises(kind, match=message) as fault, server_faults():
        raise OperationalError("SELECT 1", {}, Said(state, words))
    assert fault.value.advice


def test_a_broken_constraint_of_postgres_is_a_bug_and_passes_as_it_is() -> None:
    with pytest.raises(IntegrityError), server_faults():
        raise IntegrityError("INSERT", {}, Said("23505"))
