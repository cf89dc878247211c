from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.domain import Chunk, EmbeddingSpace
from bot.errors import ProviderUnavailable
from bot.ingest.embed import BATCH_TEXTS, BATCHES_IN_FLIGHT, embed, embedded_text
from bot.ports import Vectors


class Lengths:
    """An embedding provider whose vector is the text's length; notes how it was called."""

    def __init__(self, fail_on: str | None = None) -> None:
        self.space = EmbeddingSpace("lengths", 1)
        self.batches: list[int] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.fail_on = fail_on

    async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
        del group
        self.batches.append(len(texts))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        if self.fail_on in texts:
            raise ProviderUnavailable("down")
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        return (await self.embed_documents([text]))[0]


def texts(number: int) -> list[str]:
    return ["x" * n for n in range(number)]


async def ignore(done: int, total: int) -> None:
    del done, total


async def test_vectors_come_in_the_order_of_the_chunks_however_they_were_batched() -> None:
    vectors = await embed(Lengths(), texts(500), ignore)
    assert vectors[:, 0].tolist() == list(range(500))


async def test_batches_and_their_number_in_flight_are_bounded() -> None:
    provider = Lengths()
    await embed(provider, texts(1000), ignore)
    assert max(provider.batches) == BATCH_TEXTS
    assert provider.most_in_flight == BATCHES_IN_FLIGHT


async def test_a_failing_batch_raises_its_own_error() -> None:
    with pytest.raises(ProviderUnavailable, match="down"):
        await embed(Lengths(fail_on="x" * 150), texts(400), ignore)


async def test_progress_ends_at_the_number_of_texts() -> None:
    seen: list[tuple[int, int]] = []

    async def note(done: int, total: int) -> None:
        seen.append((done, total))

    await embed(Lengths(), texts(200), note)
    assert seen[-1] == (200, 200)


def test_a_chunk_is_embedded_with_its_title_and_heading() -> None:
    plain = Chunk(ordinal=0, page=1, start=0, end=4, text="text")
    headed = replace(plain, heading="Head")

    assert embedded_text("Title", headed) == "Title\nHead\ntext"
    assert embedded_text("", plain) == "text"
