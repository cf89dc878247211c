"""The embedded index goes from one embedding space into another as the contract says."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import EmbeddingSpace
from bot.ports import VectorIndex
from bot.providers.local.index import LocalIndex
from contracts.embedding_spaces import NEW, OLD, EmbeddingSpacesContract
from contracts.vector_index import SHARED_INDEX


class TestLocalIndexSpaces(EmbeddingSpacesContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "fm.db"

    def opened(self, space: EmbeddingSpace) -> AbstractAsyncContextManager[VectorIndex]:
        return LocalIndex(self.path, space, [OLD] if space == NEW else [])

    @given(data=st.data())
    @settings(SHARED_INDEX, max_examples=30)
    async def test_whatever_happens_meanwhile_the_switch_changes_nothing_that_is_found(
        self, data: st.DataObject
    ) -> None:
        await self.in_any_order(data)
