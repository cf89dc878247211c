"""The index in Postgres keeps the contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

pytest.importorskip("psycopg_pool", reason="the extra postgres isn't installed")

from bot.domain import EmbeddingSpace
from bot.providers.local.embeddings import SPACE
from bot.providers.postgres import PostgresIndex
from contracts.finding import FindingContract
from contracts.speller import SpellerContract
from contracts.vector_index import VectorIndexContract


class TestPostgresIndex(VectorIndexContract):
    dimension = 32

    @pytest.fixture
    async def index(self, empty_postgres_url: str) -> AsyncIterator[PostgresIndex]:
        async with PostgresIndex(empty_postgres_url, EmbeddingSpace("test", self.dimension)) as index:
            yield index


class TestSpelling(SpellerContract):
    @pytest.fixture
    async def index(self, empty_postgres_url: str) -> AsyncIterator[PostgresIndex]:
        async with PostgresIndex(empty_postgres_url, EmbeddingSpace("test", self.dimension)) as index:
            yield index


class TestFinding(FindingContract):
    @pytest.fixture
    async def index(self, empty_postgres_url: str) -> AsyncIterator[PostgresIndex]:
        async with PostgresIndex(empty_postgres_url, SPACE) as index:
            yield index
