"""The index on Pinecone keeps the contract: where changes show at once, and where they show late."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.pinecone_server import PineconeServer

from bot.domain import EmbeddingSpace
from bot.ports import VectorIndex
from bot.providers.pinecone import PineconeAddress, PineconeSpaces
from contracts.vector_index import VectorIndexContract


class TestPineconeIndex(VectorIndexContract):
    dimension = 32
    lag = 0

    @pytest.fixture
    async def server(self) -> AsyncIterator[PineconeServer]:
        async with PineconeServer(lag=self.lag) as server:
            self.running = server
            yield server

    @pytest.fixture
    async def index(self, server: PineconeServer) -> AsyncIterator[PineconeSpaces]:
        address = PineconeAddress(server.key, controller_host=server.url)
        space = EmbeddingSpace("test", self.dimension)
        async with PineconeSpaces(address, space, first_wait_s=0.001) as index:
            yield index

    async def settled(self, index: VectorIndex) -> None:
        del index
        self.running.settle()


class TestPineconeIndexThatShowsChangesLate(TestPineconeIndex):
    lag = 3
