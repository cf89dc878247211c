"""The embedded index keeps the contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain import EmbeddingSpace
from bot.providers.local.embeddings import SPACE
from bot.providers.local.index import LocalIndex
from contracts.finding import FindingContract
from contracts.speller import SpellerContract
from contracts.vector_index import VectorIndexContract


class TestLocalIndex(VectorIndexContract):
    dimension = 32

    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[LocalIndex]:
        async with LocalIndex(tmp_path / "fm.db", EmbeddingSpace("test", self.dimension)) as index:
            yield index


class TestSpelling(SpellerContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[LocalIndex]:
        async with LocalIndex(tmp_path / "fm.db", EmbeddingSpace("test", self.dimension)) as index:
            yield index


class TestFinding(FindingContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[LocalIndex]:
        async with LocalIndex(tmp_path / "fm.db", SPACE) as index:
            yield index
