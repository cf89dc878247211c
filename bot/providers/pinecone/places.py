"""Which index holds which embedding space: an index has vectors of one dimension, so each has its own.

The first space's index is called as PINECONE_INDEX_NAME says; another space's is called after both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError
from bot.providers.budget import Breaker
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.pinecone.connection import Connection, PineconeAddress
from bot.providers.pinecone.index import FIRST_WAIT_S, PineconeIndex
from bot.providers.pinecone.schema import beside
from bot.providers.told import OnCall, untold


class Places:
    """Opens indexes as they are needed, and remembers them."""

    def __init__(
        self,
        address: PineconeAddress,
        space: EmbeddingSpace,
        *,
        first_wait_s: float = FIRST_WAIT_S,
        breaker: Breaker | None = None,
        deadlines: Deadlines = USUAL,
        on_call: OnCall = untold,
    ) -> None:
        self._address = address
        self._space = space
        self._first_wait_s = first_wait_s
        self._breaker = breaker or Breaker("Pinecone", open_s=deadlines.open_s)
        self._deadlines = deadlines
        self._on_call = on_call
        self._opening = asyncio.Lock()
        self._label: str | None = None
        self._indexes: dict[str, PineconeIndex] = {}

    async def own(self) -> PineconeIndex:
        """The index of the bot's own space; the first call that needs it makes it."""
        return await self.of(self._space.label)

    async def of(self, label: str) -> PineconeIndex:
        """The index of a space. Only the own one is made; others raise OperatorError where they aren't.

        Raises OperatorError for an index that isn't mine, RetryLater while Pinecone is away.
        """
        async with self._opening:
            if label not in self._indexes:
                name = await self._name_of(label)
                self._indexes[label] = PineconeIndex(
                    replace(self._address, index_name=name),
                    self._space if label == self._space.label else _space_of(label),
                    first_wait_s=self._first_wait_s,
                    breaker=self._breaker,
                    make=label == self._space.label,
                    deadlines=self._deadlines,
                    on_call=self._on_call,
                )
            return self._indexes[label]

    async def first_label(self) -> str:
        """The space of the index that is called as the setting says; the own one where there is none."""
        async with self._opening:
            return await self._first_label()

    def opened(self) -> list[PineconeIndex]:
        """The indexes in use."""
        return list(self._indexes.values())

    async def close(self) -> None:
        """Close all connections. Repeatable."""
        await asyncio.gather(*(index.close() for index in self._indexes.values()))

    async def _name_of(self, label: str) -> str:
        name = self._address.index_name
        if self._address.index_host is not None:
            if label == self._space.label:
                return name
            raise OperatorError(
                f"The index at PINECONE_INDEX_HOST holds embeddings of {label}, and the bot is set to"
                f" {self._space.label}",
                "Leave PINECONE_INDEX_HOST empty: I make another index beside it, and embed all files anew.",
            )
        return name if label == await self._first_label() else beside(name, label)

    async def _first_label(self) -> str:
        if self._address.index_host is not None:
            return self._space.label
        if self._label is None:
            connection = Connection(
                self._address,
                self._space,
                breaker=self._breaker,
                deadlines=self._deadlines,
                on_call=self._on_call,
            )
            self._label = await connection.label() or self._space.label
        return self._label


def ignore_wait(_seconds: float) -> None:
    """Nobody watches."""


OnWait = Callable[[float], None]


def _space_of(label: str) -> EmbeddingSpace:
    name, _, dimension = label.rpartition("/")
    return EmbeddingSpace(name, int(dimension))
