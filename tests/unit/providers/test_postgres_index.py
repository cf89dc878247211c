"""The index in Postgres beyond the contract: replicas, sizes, rights, what is left of what was removed."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("psycopg_pool", reason="the extra postgres isn't installed")

from contracts.vector_index import C1, C2, D1, TEAM, chunks_of, document, ids, scope, vectors
from support.postgres import Server

from bot.domain import EmbeddingSpace, Query
from bot.errors import OperatorError, ProviderUnavailable
from bot.providers.postgres import PostgresIndex
from bot.providers.postgres.limits import Limits

SPACE = EmbeddingSpace("test", 16)
SMALL = Limits(compared=40, counted=40, scored=40, enough=5)
TABLES = ("document", "shown", "chunk", "vector_1")


def database_of(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def rows_in(server: Server, url: str, table: str) -> int:
    rows = server.execute(f"TABLE faultmaven_index.{table}", database_of(url))
    return len(rows)


async def test_of_what_was_removed_no_row_is_left(empty_postgres_url: str, postgres_server: Server) -> None:
    async with PostgresIndex(empty_postgres_url, SPACE, limits=SMALL) as index:
        made = chunks_of(*(f"zugspitze {number}" for number in range(60)))
        await index.write(document(), made, vectors(60, 16))
        await index.publish(document())
        await index.write(document(generation=2), made[:1], vectors(1, 16))
        await index.delete(TEAM, D1)
        await PostgresIndex(empty_postgres_url, SPACE).check()

        assert [rows_in(postgres_server, empty_postgres_url, table) for table in TABLES] == [0, 0, 0, 0]
        ((kept,),) = postgres_server.execute(
            "SELECT string_agg(w::text, '') FROM faultmaven_index.workspace w",
            database_of(empty_postgres_url),
        )
        assert "zugspitz" not in kept


async def test_what_a_dead_replica_left_dropped_is_removed_by_the_next_one(
    empty_postgres_url: str, postgres_server: Server
) -> None:
    async with PostgresIndex(empty_postgres_url, SPACE) as index:
        await index.write(document(), chunks_of("the disk is full"), vectors(1, 16))
    postgres_server.execute(
        "UPDATE faultmaven_index.document SET state = 'dropped', generation = -id",
        database_of(empty_postgres_url),
    )

    async with PostgresIndex(empty_postgres_url, SPACE):
        assert [rows_in(postgres_server, empty_postgres_url, table) for table in TABLES] == [0, 0, 0, 0]


async def test_replicas_that_start_and_write_at_once_see_each_others_changes(empty_postgres_url: str) -> None:
    one, other = (PostgresIndex(empty_postgres_url, SPACE) for _ in range(2))
    await asyncio.gather(one.open(), other.open())
    try:
        await asyncio.gather(
            *(
                replica.write(document(generation=generation), chunks_of("disk"), vectors(1, 16))
                for replica in (one, other)
                for generation in (1, 2, 3)
            ),
            return_exceptions=True,  # the same row at once: one of them is told to try again
        )
        await asyncio.gather(
            *(one.publish(document(generation=n)) for n in (1, 2)), other.publish(document())
        )
        await other.publish(document(generation=9))
        await one.write(document(generation=9), chunks_of("disk"), vectors(1, 16))
        assert ids(await other.keyword(scope(C1), Query("disk"), 9)) == ["d1:9:0"]
        await other.delete(TEAM, D1)
        assert await one.keyword(scope(C1), Query("disk"), 9) == []
        assert await one.inventory(TEAM) == {}
    finally:
        await asyncio.gather(one.close(), other.close())
    with pytest.raises(ProviderUnavailable):
        await one.ping()


async def test_lost_connections_are_replaced_by_themselves(
    empty_postgres_url: str, postgres_server: Server
) -> None:
    async with PostgresIndex(empty_postgres_url, SPACE) as index:
        await index.write(document(), chunks_of("the disk is full"), vectors(1, 16))
        await index.publish(document())
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            database_of(empty_postgres_url),
        )

        assert ids(await index.keyword(scope(C1), Query("disk"), 9)) == ["d1:1:0"]


async def test_a_large_scope_is_walked_and_ranked_as_a_small_one(empty_postgres_url: str) -> None:
    texts = [f"disk number {n} {'rotten' if n % 50 == 0 else 'sound'}" for n in range(200)]
    made = vectors(200, 16)
    async with (
        PostgresIndex(empty_postgres_url, SPACE) as exact,
        PostgresIndex(empty_postgres_url, SPACE, limits=SMALL) as walking,
    ):
        for name, channels in (("d1", frozenset({C1})), ("d2", frozenset({C2}))):
            doc = document(name, channels=channels)
            await walking.write(doc, chunks_of(*texts), made)
            await walking.publish(doc)

        by_meaning = [ids(await one.dense(scope(C1), made[7], 20)) for one in (exact, walking)]
        assert by_meaning[0][0] == by_meaning[1][0] == "d1:1:7"
        assert len(set(by_meaning[0]) & set(by_meaning[1])) >= 18
        by_words = [await one.keyword(scope(C1), Query("rotten disk"), 4) for one in (exact, walking)]
        assert ids(by_words[0]) == ids(by_words[1]) == [f"d1:1:{n}" for n in (0, 50, 100, 150)]
        assert len(await walking.keyword(scope(C1), Query("rotten disk"), 150)) == 150
        assert len(await walking.dense(scope(C1), np.float32(-1) * made[7], 200)) == 200


async def test_what_is_missing_in_postgres_is_said_with_the_remedy(
    empty_postgres_url: str, postgres_server: Server
) -> None:
    postgres_server.execute(
        "DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    guest = PostgresIndex(empty_postgres_url.replace("postgres@", "guest@"), SPACE)

    await PostgresIndex(empty_postgres_url, SPACE).check()  # it could be made
    with pytest.raises(OperatorError) as refused:
        await guest.open()
    assert "CREATE EXTENSION vector" in refused.value.advice

    postgres_server.execute("CREATE EXTENSION vector", database_of(empty_postgres_url))
    guest = PostgresIndex(empty_postgres_url.replace("postgres@", "guest@"), SPACE)
    with pytest.raises(OperatorError) as refused:
        await guest.open()
    assert "GRANT CREATE ON DATABASE" in refused.value.advice


async def test_the_words_of_an_older_version_are_written_anew(
    empty_postgres_url: str, postgres_server: Server
) -> None:
    async with PostgresIndex(empty_postgres_url, SPACE) as index:
        made = chunks_of(*(f"disk {n}" for n in range(120)))
        await index.write(document(), made, vectors(120, 16))
        await index.publish(document())
    for change in ("UPDATE {}.chunk SET words = ''", "UPDATE {}.meta SET words = 'former'"):
        postgres_server.execute(change.format("faultmaven_index"), database_of(empty_postgres_url))

    async with PostgresIndex(empty_postgres_url, SPACE) as index:
        assert len(await index.keyword(scope(C1), Query("disk"), 500)) == 120
