"""What every `EmbeddingProvider` must do.

A test module subclasses `EmbeddingProviderContract`, names it `Test…` and gives the fixture `provider`.
"""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports import EmbeddingProvider, Vectors

MOST_TEXTS = 96
TEXTS = ("The disk is full", "Lunch is served at noon", "Error 0x80070005", "データベース接続エラー")


def assert_unit_length(vectors: Vectors) -> None:
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=-1) == pytest.approx(1.0, abs=1e-3)


class EmbeddingProviderContract:
    async def test_documents_become_one_vector_each(self, provider: EmbeddingProvider) -> None:
        vectors = await provider.embed_documents(TEXTS)

        assert vectors.shape == (len(TEXTS), provider.space.dimension)
        assert vectors.dtype == np.float32
        assert_unit_length(vectors)

    async def test_a_query_becomes_one_vector(self, provider: EmbeddingProvider) -> None:
        vector = await provider.embed_query("why is the disk full?")

        assert vector.shape == (provider.space.dimension,)
        assert vector.dtype == np.float32
        assert_unit_length(vector)

    async def test_as_many_texts_as_a_batch_holds_are_taken(self, provider: EmbeddingProvider) -> None:
        vectors = await provider.embed_documents([f"text {n}" for n in range(MOST_TEXTS)])

        assert vectors.shape == (MOST_TEXTS, provider.space.dimension)

    async def test_no_texts_give_no_vectors(self, provider: EmbeddingProvider) -> None:
        assert (await provider.embed_documents([])).shape == (0, provider.space.dimension)

    async def test_vectors_stand_in_the_order_of_their_texts(self, provider: EmbeddingProvider) -> None:
        together = await provider.embed_documents(TEXTS)

        for text, vector in zip(TEXTS, together, strict=True):
            (alone,) = await provider.embed_documents([text])
            assert vector == pytest.approx(alone, abs=1e-3)

    async def test_the_same_text_gives_the_same_vector(self, provider: EmbeddingProvider) -> None:
        first, again = await provider.embed_documents(["one", "one"])

        assert first == pytest.approx(again, abs=1e-3)

    @pytest.mark.parametrize("text", ["", "   ", "\n", "\x00", "🙂", "\ud800", "a" * 50_000, "…"])
    async def test_odd_text_gives_a_usable_vector(self, provider: EmbeddingProvider, text: str) -> None:
        vectors = await provider.embed_documents(["an ordinary text", text])

        assert_unit_length(vectors)
        assert_unit_length(await provider.embed_query(text))

    @given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=5))
    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
        deadline=None,
        max_examples=50,
    )
    async def test_any_text_gives_a_usable_vector(
        self, provider: EmbeddingProvider, texts: list[str]
    ) -> None:
        assert_unit_length(await provider.embed_documents(texts))

    async def test_calls_at_once_don_t_mix(self, provider: EmbeddingProvider) -> None:
        expected = await provider.embed_documents(TEXTS)

        found = await asyncio.gather(*(provider.embed_query(text) for text in TEXTS * 5))

        # Some providers embed questions apart from documents; the nearest document is still its own.
        nearest = (np.stack(found) @ expected.T).argmax(axis=1)
        assert nearest.tolist() == [0, 1, 2, 3] * 5
