"""`fm db backup`, `fm db restore`, `fm db check`: copies of the embedded database."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.command_line import Run

from bot.database import Database
from bot.documents import copies
from bot.documents.lock import FolderLock

REPOSITORY = Path(__file__).parents[2]
FILLING_BYTES = 24 * 1024 * 1024
"""Some steps of a backup's."""


@pytest.fixture
def database(fm: Run, tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_text("the disk is full")
    assert fm("index", tmp_path / "notes.txt").code == 0
    return tmp_path / "data" / "faultmaven.db"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A database in which nothing is indexed."""
    path = tmp_path / "data" / "faultmaven.db"

    async def make() -> None:
        await (await Database.open(f"sqlite+aiosqlite:///{path}", lock_dir=path.parent)).close()

    asyncio.run(make())
    return path


def fill(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE index_filling (bytes BLOB)")
        connection.execute("INSERT INTO index_filling VALUES (zeroblob(?))", (FILLING_BYTES,))


@contextmanager
def writing(database: Path) -> Iterator[Callable[[], int]]:
    """Pairs of rows are committed one after the other, each pair in one transaction; how many so far."""
    with closing(sqlite3.connect(database)) as connection:
        for side in ("left", "right"):
            connection.execute(f"CREATE TABLE index_{side} (n INTEGER)")
    stopped, progressed = threading.Event(), threading.Semaphore(0)
    written = 0

    def write() -> None:
        nonlocal written
        with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as connection:
            while not stopped.is_set():
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO index_left VALUES (?)", (written,))
                connection.execute("INSERT INTO index_right VALUES (?)", (written,))
                connection.execute("COMMIT")
                written += 1
                progressed.release()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield lambda: written if progressed.acquire(timeout=10) else -1
    finally:
        stopped.set()
        thread.join()


def rows(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        [number] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  # a literal
    return int(number)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_taken_beside_a_bot_is_restored_and_found_in(
    fm: Run, database: Path, tmp_path: Path
) -> None:
    copy, running = tmp_path / "copy.db", FolderLock(database.parent)
    running.acquire()
    try:
        backed_up, again = fm("db", "backup", copy), fm("db", "backup", copy)
        checked = fm("db", "check"), fm("db", "check", copy)
        refused = fm("db", "restore", copy)
    finally:
        running.release()
    assert (backed_up.code, backed_up.err, [ran.code for ran in checked]) == (0, "", [0, 0])
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert again.code == 1
    assert "nothing is overwritten" in again.err
    assert refused.code == 1
    assert "Another FaultMaven process" in refused.err
    assert files(tmp_path) == {"data", "notes.txt", "copy.db"}  # no journal, nothing half

    (tmp_path / "notes.txt").write_text("nothing but herons")
    assert fm("index", tmp_path / "notes.txt").code == 0
    restored = fm("db", "restore", copy)

    assert restored.code == 0
    assert "disk is full" in fm("search", "disk full").out
    assert "herons" not in fm("search", "herons").out
    [kept] = database.parent.glob("*.replaced")
    assert str(kept) in restored.out
    assert fm("db", "check", kept).code == 0


def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(state: Path, tmp_path: Path) -> None:
    fill(state)
    told: list[tuple[int, int]] = []
    with writing(state) as written:
        before = written()

        def on_pages(done: int, total: int) -> None:
            told.append((done, total))
            written()

        copies.backup(state, tmp_path / "copy.db", on_pages)
        meanwhile = written()
    left, right = (rows(tmp_path / "copy.db", f"index_{side}") for side in ("left", "right"))
    assert left == right
    assert before <= left < meanwhile
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


@pytest.mark.parametrize("step", ["backup", "restore"])
def test_a_kill_in_the_middle_leaves_nothing_half(state: Path, tmp_path: Path, step: str) -> None:
    fill(state)
    copy, before = tmp_path / "copy.db", state.read_bytes()
    if step == "restore":
        copies.backup(state, copy)
    source, target = (state, copy) if step == "backup" else (copy, state)
    program = (
        "import os, signal, sys; from pathlib import Path; from bot.documents import copies;"
        f"copies.{step}(Path({str(source)!r}), Path({str(target)!r}),"
        " lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if done * 2 > total else None)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert state.read_bytes() == before
    assert copy.exists() == (step == "restore")
    copies.check(state)


def damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)


def of_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def somebody_elses(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (n INTEGER)")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged, "damaged"),
        (of_a_newer_version, "newer version"),
        (somebody_elses, "no database of FaultMaven's"),
        (lambda path: path.write_text("words " * 1000), "no database at all"),
        (Path.unlink, "There is no database"),
    ],
    ids=["damaged", "newer", "foreign", "words", "missing"],
)
def test_what_cannot_be_used_is_named_and_replaces_nothing(
    fm: Run, state: Path, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    copy = tmp_path / "copy.db"
    copies.backup(state, copy)
    spoil(copy)
    before = state.read_bytes()
    for command in ("check", "restore"):
        ran = fm("db", command, copy)
        assert (ran.code, ran.err.count("\n")) == (1, 1)
        assert said in ran.err
    assert state.read_bytes() == before
    assert files(state.parent) <= {"faultmaven.db", "lock", "spool"}


def test_a_damaged_database_is_replaced_and_kept(fm: Run, state: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copies.backup(state, copy)
    state.write_bytes(b"not a database")
    assert fm("db", "restore", copy).code == 0
    assert fm("db", "check").code == 0
    [kept] = state.parent.glob("*.replaced")
    assert kept.read_bytes() == b"not a database"


def test_a_backup_goes_into_an_empty_data_folder(
    fm: Run, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    copies.backup(database, copy)
    monkeypatch.setenv("FM_DATA_DIR", str(tmp_path / "elsewhere"))
    restored = fm("db", "restore", copy)
    assert (restored.code, "kept" in restored.out) == (0, False)
    assert "disk is full" in fm("search", "disk full").out


@pytest.mark.parametrize(
    ("words", "tool"),
    [(["backup", "copy.db"], "pg_dump"), (["restore", "copy.db"], "pg_restore"), (["check"], "pg_")],
)
def test_with_postgres_its_own_tool_is_named(
    fm: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], tool: str
) -> None:
    monkeypatch.setenv("FM_DATABASE_URL", "postgresql+psycopg://user:hidden-secret@db.example/faultmaven")
    ran = fm("db", *words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("fm: FM_DATABASE_URL: is Postgres")
    assert tool in ran.err
    assert "hidden-secret" not in ran.err


def test_where_a_backup_cannot_be_written_is_said(fm: Run, state: Path, tmp_path: Path) -> None:
    ran = fm("db", "backup", tmp_path / "no" / "copy.db")
    assert state.exists()
    assert ran.code == 1
    assert "can't be written" in ran.err
