"""The schema's history. Alembic without an ini file, so that it works from an installed wheel."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import OperatorError

_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it is doing in module globals."""


def upgrade(connection: Connection) -> None:
    """Bring the schema to this program's version, inside the caller's transaction. Repeatable.

    Foreign keys must not be enforced on the connection: SQLite changes a table by making a new one,
    and dropping the old one would take the rows that refer to it along.
    """
    config = _config()
    head, current = _head(config), _current(connection)
    if current == head:
        return
    _refuse_unknown(config, current)
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL enforces them all the time
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise OperatorError(
            f"Upgrading the database would leave rows of {broken[0]} without what they belong to",
            "Nothing was changed. Report it with the version that wrote the database.",
        )


def is_current(connection: Connection) -> bool:
    """Whether the schema is this program's already."""
    return _current(connection) == _head(_config())


def check(connection: Connection) -> None:
    """Raise OperatorError unless the schema is exactly this program's. Changes nothing."""
    config = _config()
    current = _current(connection)
    if current == _head(config):
        return
    _refuse_unknown(config, current)
    raise OperatorError(
        "The database was written by an older version" if current else "The database is empty",
        "Start the bot once: that brings it up to date.",
    )


def refuse_unknown(version: str) -> None:
    """Raise OperatorError unless this program knows the schema of that version."""
    _refuse_unknown(_config(), version)


def ours(name: str | None, kind: str) -> bool:
    """Whether a table belongs to this history; the embedded index looks after its own."""
    return kind != "table" or not (name or "").startswith("index_")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(config: Config, current: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise OperatorError(
            "The database was written by a newer version", "Install that version, or restore a backup."
        )
