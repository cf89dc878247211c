"""What both kinds of database share: sessions whose statements are never cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.documents.sql import READING

T = TypeVar("T")


class Store(Protocol):
    """An open database of one kind.

    `readers` is how many transactions that only read may go beside the one that may write; 0: none.
    """

    readers: int
    engine: AsyncEngine

    async def begin(self, *, reading: bool) -> AsyncSession:
        """A session in a transaction that sees all that was committed, and is alone if it may write."""
        ...

    def faults(self) -> AbstractContextManager[None]:
        """Raise the driver's errors as RetryLater or OperatorError."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class Session(AsyncSession):
    """A session whose statements are never cut off.

    SQLAlchemy gives a connection up when a task is cancelled in the middle of a call, and with SQLite the
    call goes on in the driver's thread all the same. So each one is awaited to its end (at most the
    database's own time limit and a disk write), and the cancellation goes on from there, with the
    connection in a known state.
    """

    def __init__(self, engine: AsyncEngine, *, reading: bool) -> None:
        super().__init__(
            engine,
            expire_on_commit=False,
            close_resets_only=False,
            execution_options={"populate_existing": True},
            info={READING: reading},
        )

    async def execute(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as it is overridden
        """As SQLAlchemy's, to its end."""
        return await to_the_end(super().execute(*args, **options))

    async def scalar(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as it is overridden
        """As SQLAlchemy's, to its end."""
        return await to_the_end(super().scalar(*args, **options))

    async def commit(self) -> None:
        """As SQLAlchemy's, to its end."""
        await to_the_end(super().commit())

    async def close(self) -> None:
        """As SQLAlchemy's, to its end: what wasn't committed is undone."""
        await to_the_end(super().close())


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await work to its end, also when cancelled meanwhile; the cancellation goes on after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # looked at, else asyncio reports it as forgotten
        raise cancelled
    return task.result()
