"""Copies of the embedded database: taken while the bot writes, looked at, and put in its place."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from bot.documents import migrations
from bot.documents.faults import database_faults
from bot.documents.lock import FolderLock
from bot.errors import OperatorError

STEP_PAGES = 1_024
"""4 MiB between two words on progress."""
BUSY_TIMEOUT_S = 5.0
FAULTS_SHOWN = 3
COMPANIONS = ("-wal", "-shm")
"""What SQLite keeps beside a database that is or was in use."""

OnPages = Callable[[int, int], None]
"""Told of the pages copied so far, and of all."""


def backup(path: Path, target: Path, on_pages: OnPages = lambda _done, _total: None) -> str:
    """Copy the database to a new file of its owner's alone; the schema's version in it.

    It is the database at one moment, whatever is written meanwhile. The target appears when the copy is
    whole, checked and on the disk, or not at all. Raises OperatorError, RetryLater.
    """
    if target.exists():
        raise _exists(target)
    with _new_file(target) as part:
        _copy(path, part, on_pages)
        version = check(part)
        _publish(part, target)
    return version


def check(path: Path) -> str:
    """The version of the schema of a database that is sound. May be beside a running bot.

    Raises OperatorError when the file is damaged, no database of this program's, or of a newer version.
    """
    with database_faults(path), closing(_open(path)) as connection:
        faults = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({FAULTS_SHOWN})")]
        if faults != ["ok"]:
            raise OperatorError(
                f"The database {path} is damaged: {'; '.join(' '.join(fault.split()) for fault in faults)}",
                "Restore it from a backup: `fm db restore`.",
            )
        lost = {str(row[0]) for row in connection.execute("PRAGMA foreign_key_check")}
        if lost:
            raise OperatorError(
                f"The database {path} has rows of {', '.join(sorted(lost))} without what they belong to",
                "Restore it from a backup: `fm db restore`.",
            )
        return _version(connection, path)


def restore(
    source: Path, path: Path, on_pages: OnPages = lambda _done, _total: None
) -> tuple[str, Path | None]:
    """Put a copy in the database's place: the version of its schema, and where the replaced file is kept.

    Nothing is changed unless the copy is sound and of a version that this program knows. Raises
    DatabaseInUse while a bot has the folder, OperatorError, RetryLater.
    """
    lock = FolderLock(path.parent)
    lock.acquire()
    try:
        with _new_file(path) as part:
            _copy(source, part, on_pages)
            version = check(part)
            try:
                _sync(part)
                kept = _keep(path)
                part.replace(path)
                _sync(path.parent)
            except OSError as error:
                raise _unusable(path, error) from error
        return version, kept
    finally:
        lock.release()


def _copy(source: Path, target: Path, on_pages: OnPages) -> None:
    with database_faults(source), closing(_open(source)) as read, closing(sqlite3.connect(target)) as write:
        write.execute("PRAGMA synchronous = OFF")  # it is brought to the disk as a whole, below
        # Within a transaction the copy is of one moment; without, each write would begin it anew.
        read.execute("BEGIN")
        read.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with _room_at(target.parent):
            read.backup(
                write,
                pages=STEP_PAGES,
                progress=lambda _, left, total: on_pages(total - left, total),
                sleep=0.0,
            )
    with database_faults(target), closing(sqlite3.connect(target)) as written:
        written.execute("PRAGMA journal_mode = DELETE")  # one file, also on a disk that can't be written to


@contextmanager
def _room_at(folder: Path) -> Iterator[None]:
    """A full disk is that of the copy: from the database it is only read."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OperatorError(
                f"There is no room for a copy in {folder}", "Free some space there, or give another path."
            ) from error
        raise


def _open(path: Path) -> sqlite3.Connection:
    """For reading: no file is made, nothing is changed."""
    if not path.is_file():
        raise OperatorError(f"There is no database at {path}", "Give the path of one.")
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _version(connection: sqlite3.Connection, path: Path) -> str:
    noted = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
    row = (
        connection.execute(noted).fetchone()
        and connection.execute("SELECT version_num FROM alembic_version").fetchone()
    )
    if not row:
        raise OperatorError(f"{path} is no database of FaultMaven's", "Give the path of one.")
    migrations.refuse_unknown(row[0])
    return str(row[0])


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """A file beside the target, of its owner's alone, and gone at the end whatever happens."""
    try:
        number, name = mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _unusable(target.parent, error) from error
    os.close(number)
    part = Path(name)
    try:
        yield part
    finally:
        for ending in ("", *COMPANIONS, "-journal"):
            Path(name + ending).unlink(missing_ok=True)


def _publish(part: Path, target: Path) -> None:
    """Give a whole file its name, unless something has it."""
    try:
        _sync(part)
        _name(part, target)
        _sync(target.parent)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        raise _unusable(target, error) from error


def _name(path: Path, name: Path) -> None:
    """Let a file be found by another name, too. Raises FileExistsError, OSError; replaces nothing."""
    try:
        os.link(path, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if name.exists():
            raise FileExistsError(name) from None
        path.replace(name)


def _keep(path: Path) -> Path | None:
    """Give the database another name as well, with what SQLite had not folded into it."""
    if not path.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one stays as it is
    kept = path.with_name(f"{path.name}.{time.strftime('%Y%m%d-%H%M%S')}.replaced")
    # First what belongs to the old file: SQLite would play it into the new one.
    for ending in COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(kept.with_name(kept.name + ending))
    _name(path, kept)
    return kept


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _exists(path: Path) -> OperatorError:
    return OperatorError(f"{path} exists", "Give another path, or move it away: nothing is overwritten.")


def _unusable(path: Path, error: OSError) -> OperatorError:
    return OperatorError(f"{path} can't be written: {error.strerror}", "Look for rights and free space.")
