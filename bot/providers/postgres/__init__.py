"""The index in Postgres: its own full text search and pgvector, for several replicas at once."""

from __future__ import annotations

from bot.providers.postgres.index import PostgresIndex

__all__ = ["PostgresIndex"]
