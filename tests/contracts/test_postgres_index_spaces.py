"""The index in Postgres goes from one embedding space into another as the contract says."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

pytest.importorskip("psycopg_pool", reason="the extra postgres isn't installed")

from bot.domain import EmbeddingSpace
from bot.ports import VectorIndex
from bot.providers.postgres import PostgresIndex
from contracts.embedding_spaces import NEW, OLD, EmbeddingSpacesContract


class TestPostgresIndexSpaces(EmbeddingSpacesContract):
    @pytest.fixture(autouse=True)
    def _database(self, empty_postgres_url: str) -> None:
        self.url = empty_postgres_url

    def opened(self, space: EmbeddingSpace) -> AbstractAsyncContextManager[VectorIndex]:
        return PostgresIndex(self.url, space, [OLD] if space == NEW else [])
