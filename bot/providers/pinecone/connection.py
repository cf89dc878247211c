"""The connection to one index: found or created through the control plane, or at an address given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from pinecone import AsyncIndex, AsyncPinecone
from pinecone.async_client.documents import AsyncDocuments
from pinecone.errors import ConflictError, NotFoundError, PineconeValueError
from pinecone.models.indexes.index import IndexModel

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError, ProviderUnavailable, RetryLater, SettingError
from bot.providers.budget import Breaker
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.pinecone.errors import FAILURES, translate
from bot.providers.pinecone.schema import ADVICE, FULL_TEXT, VECTOR, check, label_of, schema, tags
from bot.providers.told import OnCall, outcome_of, untold

log = structlog.get_logger(__name__)

T = TypeVar("T")

INDEX_NAME = "faultmaven"
CREATE_DEADLINE_S = 180
FIRST_LOOK_S, LONGEST_LOOK_S = 0.1, 5.0
"""Between two looks at an index that is being prepared."""
PROBE_NAMESPACE = "__probe__"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class PineconeAddress:
    """PINECONE_API_KEY, PINECONE_INDEX_NAME, PINECONE_CONTROLLER_HOST and PINECONE_INDEX_HOST.

    With `index_host` the control plane is never asked, so the index has to be there.
    """

    api_key: str
    index_name: str = INDEX_NAME
    controller_host: str | None = None
    index_host: str | None = None


class Connection:
    """Connects on the first call, and again on a later one if Pinecone was away: an outage stops no start.

    One that doesn't `make` an index raises OperatorError where there is none.
    """

    def __init__(
        self,
        address: PineconeAddress,
        space: EmbeddingSpace,
        *,
        breaker: Breaker | None = None,
        make: bool = True,
        deadlines: Deadlines = USUAL,
        on_call: OnCall = untold,
    ) -> None:
        self._address = address
        self._space = space
        self._on_call = on_call
        self.deadlines = deadlines
        self._breaker = breaker or Breaker("Pinecone", open_s=deadlines.open_s)
        self._make = make
        self._connecting = asyncio.Lock()
        self._index: AsyncIndex | None = None

    async def open(self) -> None:
        """Connect now. Raises OperatorError for a wrong key or index; being out of reach is only logged."""
        try:
            await self._connected()
        except RetryLater as error:
            log.warning("pinecone_unreachable", cause=error.public_message)

    async def exists(self) -> bool:
        """Whether the index is there and ours to use. Raises OperatorError, RetryLater. Creates nothing."""
        if self._address.index_host:
            await self._connected()
            return True
        async with self._control_plane() as control:
            return await self._found(control) is not None

    async def label(self) -> str | None:
        """Whose vectors the index holds, this space's or another one's; None when it isn't there.

        Raises OperatorError when it is no index of mine, RetryLater.
        """
        async with self._control_plane() as control:
            model = await self._described(control)
        return label_of(model, self._space) if model is not None else None

    async def create(self, on_wait: Callable[[float], None] = lambda _: None) -> bool:
        """Create the index unless it is there; whether it was created. Waits until it can be used.

        `on_wait` is told the seconds waited so far.
        """
        if self._address.index_host:
            raise OperatorError(
                "An index is created through the control plane; PINECONE_INDEX_HOST is of one that exists",
                "Leave PINECONE_INDEX_HOST empty.",
            )
        async with self._control_plane() as control:
            model = await self._found(control)
            created = model is None
            if model is None:
                model = await self._guarded(
                    "create", lambda: self._create(control, wait=False), CREATE_DEADLINE_S
                )
            await self._prepared(control, model, on_wait)
            return created

    async def call(
        self, operation: str, request: Callable[[AsyncDocuments], Awaitable[T]], *, deadline_s: float
    ) -> T:
        """What `request` returns. Raises what `translate` makes of a failure."""
        index = await self._connected()
        return await self._guarded(operation, lambda: request(index.documents), deadline_s)

    async def close(self) -> None:
        """Close the connections. Repeatable."""
        if self._index is not None:
            await self._index.close()

    async def _connected(self) -> AsyncIndex:
        async with self._connecting:
            if self._index is None:
                self._index = await self._connect()
            return self._index

    async def _connect(self) -> AsyncIndex:
        if host := self._address.index_host:
            index = self._data_plane(host)
            try:
                await self._probe(index)
            except BaseException:
                await index.close()
                raise
            return index
        async with self._control_plane() as control:
            model = await self._found(control)
            if model is None and not self._make:
                raise OperatorError(f"There is no Pinecone index {self._address.index_name} any more")
            model = model or await self._created(control)
        if model.host is None:
            raise ProviderUnavailable("Pinecone is still preparing the index")
        return self._data_plane(_reachable(model.host, self._address.controller_host))

    async def _found(self, control: AsyncPinecone) -> IndexModel | None:
        model = await self._described(control)
        if model is not None:
            check(model, self._space)
        return model

    async def _described(self, control: AsyncPinecone) -> IndexModel | None:
        try:
            return await self._guarded(
                "describe",
                lambda: control.indexes.describe(self._address.index_name),
                self.deadlines.connect_s,
            )
        except OperatorError as error:
            if isinstance(error.__cause__, NotFoundError):
                return None
            raise

    async def _prepared(
        self, control: AsyncPinecone, model: IndexModel, on_wait: Callable[[float], None]
    ) -> None:
        """Wait until an index can be used. Raises ProviderUnavailable when that takes too long."""
        started, look_s = asyncio.get_running_loop().time(), FIRST_LOOK_S
        while not model.status.ready:
            waited_s = asyncio.get_running_loop().time() - started
            if waited_s > CREATE_DEADLINE_S:
                raise ProviderUnavailable("Pinecone is still preparing the index")
            on_wait(waited_s)
            await asyncio.sleep(look_s)
            look_s = min(2 * look_s, LONGEST_LOOK_S)
            model = await self._described(control) or model

    async def _created(self, control: AsyncPinecone) -> IndexModel:
        model = await self._guarded("create", lambda: self._create(control), CREATE_DEADLINE_S)
        check(model, self._space)
        return model

    async def _create(self, control: AsyncPinecone, *, wait: bool = True) -> IndexModel:
        name = self._address.index_name
        log.info("pinecone_index_created", index=name, dimension=self._space.dimension)
        try:
            return await control.indexes.create(
                name=name,
                schema=schema(self._space.dimension),
                tags=tags(self._space),
                timeout=CREATE_DEADLINE_S if wait else -1,
            )
        except ConflictError:  # another replica was faster
            return await control.indexes.describe(name)

    async def _probe(self, index: AsyncIndex) -> None:
        """Without the control plane, two searches tell whether the index has our fields."""
        ones = [1.0] * self._space.dimension
        try:
            for clause in (
                {"type": "dense_vector", "fields": [VECTOR], "values": ones},
                {"type": "text", "fields": list(FULL_TEXT), "query": "probe"},
            ):
                search = partial(
                    index.documents.search, namespace=PROBE_NAMESPACE, score_by=[clause], top_k=1
                )
                await self._guarded("search", search, self.deadlines.connect_s)
        except OperatorError as error:
            if getattr(error.__cause__, "status_code", None) != 400:  # noqa: PLR2004  # bad request
                raise
            raise OperatorError(
                "The index at PINECONE_INDEX_HOST is not a document index of mine, or is for vectors of"
                f" another number of dimensions than {self._space.dimension}",
                ADVICE,
            ) from error

    async def _guarded(self, operation: str, request: Callable[[], Awaitable[T]], deadline_s: float) -> T:
        self._breaker.check()
        started = time.monotonic()
        try:
            async with asyncio.timeout(deadline_s):
                result = await request()
        except FAILURES as failure:
            error = translate(failure, self.deadlines.pause_s)
            self._breaker.note(error)
            self._on_call("pinecone", operation, outcome_of(error), time.monotonic() - started)
            raise error from failure
        self._breaker.succeeded()
        self._on_call("pinecone", operation, outcome_of(None), time.monotonic() - started)
        return result

    def _control_plane(self) -> AsyncPinecone:
        key, host = self._address.api_key, self._address.controller_host
        try:
            return AsyncPinecone(key, host=host, timeout=self.deadlines.attempt_s)
        except PineconeValueError:
            raise SettingError("PINECONE_API_KEY", "can't be a key: it holds odd characters") from None

    def _data_plane(self, host: str) -> AsyncIndex:
        try:
            timeout_s = self.deadlines.attempt_s  # the SDK repeats a request, as long as a deadline allows
            return AsyncIndex(host=host, api_key=self._address.api_key, timeout=timeout_s)
        except PineconeValueError:
            raise SettingError("PINECONE_INDEX_HOST", "or the key can't be what it is meant to be") from None


def _reachable(host: str, controller_host: str | None) -> str:
    """The SDK takes every host for https; a local simulator speaks http on both planes."""
    if urlsplit(controller_host or "").scheme == "http" and urlsplit(host).hostname in LOOPBACK:
        return host.replace("https://", "http://", 1)
    return host
