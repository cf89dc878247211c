"""Databases with this program's tables: its migrations make one, which is copied for each test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine

from bot.documents import migrations


def with_tables(path: Path) -> Path:
    """Put one there unless there is a database already."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return path


def sqlite_in(folder: Path) -> str:
    """The address of such a database, as `Database.open` takes it."""
    return f"sqlite+aiosqlite:///{with_tables(folder / 'state.db')}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "state.db")
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            migrations.upgrade(connection)
        engine.dispose()
        return path.read_bytes()
