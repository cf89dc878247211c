"""The local embeddings keep the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot.providers.local.embeddings import LocalEmbeddingProvider
from contracts.embedding_provider import EmbeddingProviderContract


@pytest.fixture(scope="module")
def provider() -> Iterator[LocalEmbeddingProvider]:
    provider = LocalEmbeddingProvider()
    yield provider
    asyncio.run(provider.close())


class TestLocalEmbeddings(EmbeddingProviderContract):
    """Nothing beyond the contract."""
