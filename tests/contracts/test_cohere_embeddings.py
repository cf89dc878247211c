"""Cohere's embeddings keep the contract, on a double of its API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.cohere_server import CohereServer

from bot.providers.cohere import CohereClient, CohereEmbeddingProvider, DocumentBudget
from contracts.embedding_provider import EmbeddingProviderContract


class TestCohereEmbeddings(EmbeddingProviderContract):
    @pytest.fixture(params=["float", "base64"])
    async def provider(self, request: pytest.FixtureRequest) -> AsyncIterator[CohereEmbeddingProvider]:
        async with CohereServer() as server, CohereClient(server.key, server.url) as client:
            yield CohereEmbeddingProvider(
                client, dimension=256, encoding=request.param, budget=DocumentBudget(1_000_000)
            )
