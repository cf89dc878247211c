"""Pinecone goes from one embedding space into another as the contract says, early and late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pinecone_server import PineconeServer

from bot.domain import EmbeddingSpace
from bot.ports import VectorIndex
from bot.providers.pinecone import PineconeAddress, PineconeSpaces
from contracts.embedding_spaces import EmbeddingSpacesContract
from contracts.vector_index import SHARED_INDEX


class TestPineconeSpaces(EmbeddingSpacesContract):
    lag = 0

    @pytest.fixture(autouse=True)
    async def _server(self) -> AsyncIterator[None]:
        self.open: dict[EmbeddingSpace, PineconeSpaces] = {}
        async with PineconeServer(lag=self.lag) as self.server, AsyncExitStack() as self.closing:
            yield

    def opened(self, space: EmbeddingSpace) -> PineconeSpaces:
        address = PineconeAddress(self.server.key, controller_host=self.server.url)
        return PineconeSpaces(address, space, lambda _: self.searched, first_wait_s=0.001)

    @asynccontextmanager
    async def kept(self, space: EmbeddingSpace) -> AsyncIterator[VectorIndex]:
        if space not in self.open:
            self.open[space] = await self.closing.enter_async_context(self.opened(space))
        yield self.open[space]

    async def settled(self) -> None:
        self.server.settle()

    @given(data=st.data())
    @settings(SHARED_INDEX, max_examples=8)
    async def test_whatever_happens_meanwhile_the_switch_changes_nothing_that_is_found(
        self, data: st.DataObject
    ) -> None:
        await self.in_any_order(data)


class TestPineconeSpacesThatShowChangesLate(TestPineconeSpaces):
    lag = 3
