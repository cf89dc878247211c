"""A process that is frozen in the middle of its work, as a double of what it calls just then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.domain import IndexedDocument
from bot.ports import Current


class Freezing:
    """What it wraps, but for the first call of one name: that waits before, within or after it is done."""

    def __init__(self, wrapped: Any, place: str) -> None:  # noqa: ANN401  # an index, a provider
        self._wrapped = wrapped
        self._when, self._name = place.split()
        self.frozen, self.thawed = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever it has
        there = getattr(self._wrapped, name)
        return self._once(there) if name == self._name and not self.frozen.is_set() else there

    def _once(self, there: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # as `there`
            if self._when == "within":
                document, current = given
                return await there(document, self._asked(current))
            if self._when == "before":
                await self._freeze()
            result = await there(*given, **named)
            if self._when == "after":
                await self._freeze()
            return result

        return call

    def _asked(self, current: Current) -> Current:
        """The index has been told what to show, and hasn't shown it yet."""

        async def ask() -> IndexedDocument | None:
            told = await current()
            await self._freeze()
            return told

        return ask

    async def _freeze(self) -> None:
        self.frozen.set()
        await self.thawed.wait()
