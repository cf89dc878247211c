"""The index's part of a Postgres database: a schema of its own, made by whoever opens it first.

A document row stands for one generation. It is visible exactly when it has rows in `shown`, so that one
join is both the scope and the generation. A chunk's key is `(document, ordinal)`, in the table of chunks
and in those of vectors: a repeated write meets its former self, and no vector outlives its chunk.

Each embedding space has a table of its own: a column of vectors has one dimension, and so a second space
is built beside the first one's searches. Lexemes begin with the number of their workspace (`3.disk`): what
other workspaces hold is in nobody else's lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.errors import FeatureNotSupported, InsufficientPrivilege, UndefinedFile

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError

SCHEMA = "faultmaven_index"
VERSION = 1
LEAST_PGVECTOR = (0, 8)
"""Since then it goes on looking while a filter leaves too little."""
OPENING = 4_177_206_101
"""The advisory lock of whoever makes the tables."""

TABLES: tuple[LiteralString, ...] = (
    "CREATE TABLE meta (version integer PRIMARY KEY, words text)",
    "INSERT INTO meta (version) VALUES (1)",
    """CREATE TABLE workspace (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        counted integer NOT NULL DEFAULT 0,
        shares jsonb NOT NULL DEFAULT '{}'
    )""",
    # Row ids are never used twice: what still holds a removed row's id finds nothing by it.
    """CREATE TABLE document (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        workspace integer NOT NULL REFERENCES workspace,
        document_id text NOT NULL,
        generation bigint NOT NULL,
        state text NOT NULL DEFAULT 'written' CHECK (state IN ('written', 'published', 'dropped')),
        chunks integer NOT NULL DEFAULT 0,
        length bigint NOT NULL DEFAULT 0,
        UNIQUE (workspace, document_id, generation)
    )""",
    """CREATE TABLE shown (
        workspace integer NOT NULL,
        channel text NOT NULL,
        document bigint NOT NULL REFERENCES document ON DELETE CASCADE,
        PRIMARY KEY (workspace, channel, document)
    )""",
    "CREATE INDEX shown_document ON shown (document)",
    # A chunk with its words takes 4 KB. Kept in a place of their own they would be several times as slow.
    """CREATE TABLE chunk (
        document bigint NOT NULL REFERENCES document ON DELETE CASCADE,
        ordinal integer NOT NULL,
        page integer NOT NULL,
        start integer NOT NULL,
        stop integer NOT NULL,
        label text,
        heading text NOT NULL,
        title text NOT NULL,
        text text STORAGE EXTERNAL NOT NULL,
        length integer NOT NULL,
        words tsvector STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (document, ordinal)
    ) WITH (toast_tuple_target = 8160)""",
    "CREATE INDEX chunk_words ON chunk USING gin (words) WITH (gin_pending_list_limit = 1024)",
    """CREATE TABLE space (
        number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        label text NOT NULL UNIQUE
    )""",
)
VECTORS: LiteralString = """
    CREATE TABLE {table} (
        document bigint NOT NULL,
        ordinal integer NOT NULL,
        vector halfvec({dimension}) NOT NULL,
        PRIMARY KEY (document, ordinal),
        FOREIGN KEY (document, ordinal) REFERENCES chunk ON DELETE CASCADE
    )
"""
NEAREST: LiteralString = "CREATE INDEX {name} ON {table} USING hnsw (vector halfvec_ip_ops)"


def vectors_of(number: int) -> sql.Identifier:
    """The table of a space's vectors."""
    return sql.Identifier(f"vector_{number}")


async def prepare(connection: AsyncConnection, spaces: Iterable[EmbeddingSpace]) -> dict[EmbeddingSpace, int]:
    """Create what is missing; the numbers of these spaces. Repeatable, and one at a time of all replicas.

    Raises OperatorError where pgvector isn't there, is too old, or nothing may be created.
    """
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (OPENING,))
            await _extension(connection)
            if await _is_new(connection):
                await connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
                for table in TABLES:
                    await connection.execute(table)
            await _check_version(connection)
            return {space: await _number_of(connection, space) for space in spaces}
    except InsufficientPrivilege as error:
        raise OperatorError(
            "I may not create the index's tables in Postgres",
            "As an owner of the database, run: GRANT CREATE ON DATABASE … TO the bot's user.",
        ) from error


async def check(connection: AsyncConnection) -> None:
    """Raise OperatorError when the index can't be used or, where there is none yet, can't be made."""
    held = await _one(connection, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    on_offer = await _one(
        connection, "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
    )
    if held is None and on_offer is None:
        raise _no_pgvector()
    _check_pgvector(str(held or on_offer))
    if not await _is_new(connection):
        await _check_version(connection)


async def _extension(connection: AsyncConnection) -> None:
    query: LiteralString = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    if await _one(connection, query) is None:
        await _create_extension(connection)
    _check_pgvector(str(await _one(connection, query)))


def _check_pgvector(version: str) -> None:
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_PGVECTOR:
        raise OperatorError(
            f"pgvector in this database is {version}; I need 0.8 or newer",
            "Install a newer pgvector on the server, then run: ALTER EXTENSION vector UPDATE;",
        )


async def _create_extension(connection: AsyncConnection) -> None:
    try:
        async with connection.transaction():
            await connection.execute("CREATE EXTENSION vector")
    except (FeatureNotSupported, UndefinedFile) as error:
        raise _no_pgvector() from error
    except InsufficientPrivilege as error:
        raise OperatorError(
            "I may not create the extension pgvector in this database",
            "As a superuser of Postgres, in this database, run: CREATE EXTENSION vector;",
        ) from error


def _no_pgvector() -> OperatorError:
    return OperatorError(
        "This Postgres server has no pgvector",
        "Install it there (the image pgvector/pgvector has it; on Debian postgresql-18-pgvector), or"
        " set PINECONE_API_KEY.",
    )


async def _is_new(connection: AsyncConnection) -> bool:
    return await _one(connection, "SELECT to_regnamespace(%s)::text", SCHEMA) is None


async def _check_version(connection: AsyncConnection) -> None:
    if await _one(connection, "SELECT version FROM meta") != VERSION:
        raise OperatorError(
            "The index in Postgres was made by another version of this program",
            "Run the newest version everywhere.",
        )


async def _number_of(connection: AsyncConnection, space: EmbeddingSpace) -> int:
    """The number of a space; a new one is given the next, and a table."""
    known: LiteralString = "SELECT number FROM space WHERE label = %s"
    if (number := await _one(connection, known, space.label)) is not None:
        return int(number)
    await connection.execute("INSERT INTO space (label) VALUES (%s)", (space.label,))
    number = int(await _one(connection, known, space.label))
    table, name = vectors_of(number), sql.Identifier(f"vector_{number}_nearest")
    await connection.execute(sql.SQL(VECTORS).format(table=table, dimension=sql.Literal(space.dimension)))
    await connection.execute(sql.SQL(NEAREST).format(table=table, name=name))
    return number


async def _one(connection: AsyncConnection, query: LiteralString, *values: str) -> Any:  # noqa: ANN401  # a column
    """The first column of the first row, or None."""
    row = await (await connection.execute(query, values)).fetchone()
    return row[0] if row else None
