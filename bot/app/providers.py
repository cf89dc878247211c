"""Which providers are used: a vendor's where its key is set, else what needs no key.

A vendor's library is imported only when its key is set: it costs 0.3 s and 25 MB.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.chat import is_wanted, open_chat, probe
from bot.app.embeddings import open_embeddings
from bot.documents.spaces import Spaces
from bot.domain import EmbeddingSpace, WorkspaceId
from bot.errors import FaultMavenError, SettingError
from bot.ports import ChatProvider, EmbeddingProvider, VectorIndex
from bot.providers.budget import Breaker, Budget
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.local.index import LocalIndex
from bot.providers.told import OnCall, untold
from bot.search.rerank import Reranker
from bot.search.respell import Speller
from bot.settings import Settings
from bot.settings.secrets import plain

if TYPE_CHECKING:
    from bot.providers.pinecone.spaces import PineconeSpaces
    from bot.providers.postgres import PostgresIndex

DATABASE_NAME = "faultmaven.db"
Noted = Mapping[WorkspaceId, str | None]
"""The label of the space that each workspace is searched in, as its row says."""


@dataclass(frozen=True, slots=True)
class Providers:
    """The opened providers; closing them is the stack's. `circuits` are of what may be left alone a while."""

    embeddings: EmbeddingProvider
    index: VectorIndex
    speller: Speller | None
    reranker: Reranker | None
    chat: ChatProvider | None
    spaces: Spaces
    circuits: Mapping[str, Breaker]
    budgets: tuple[Budget, ...] = ()


async def open_providers(
    settings: Settings,
    stack: AsyncExitStack,
    noted: Noted | None = None,
    deadlines: Deadlines = USUAL,
    on_call: OnCall = untold,
) -> Providers:
    """Cohere with CO_API_KEY, Pinecone with PINECONE_API_KEY. Raises OperatorError when one can't be used."""
    behind = {workspace: label for workspace, label in (noted or {}).items() if label is not None}
    opened = await open_embeddings(settings, stack, behind.values(), deadlines, on_call)
    spaces, circuits = Spaces(opened.target, opened.former, behind), dict(opened.circuits)
    index: VectorIndex
    speller: Speller | None = None
    if settings.pinecone_api_key is not None:
        circuits["pinecone"] = breaker = Breaker("Pinecone", open_s=deadlines.open_s)
        index = await stack.enter_async_context(_pinecone(settings, spaces, breaker, deadlines, on_call))
    elif url := plain(settings.database_url):
        index = speller = await stack.enter_async_context(_postgres(url, opened.target.space, spaces))
    else:
        path = settings.data_dir / DATABASE_NAME
        index = speller = await stack.enter_async_context(
            LocalIndex(path, opened.target.space, spaces.former)
        )
    chat = open_chat(settings, stack, on_call)
    return Providers(opened.target, index, speller, opened.reranker, chat, spaces, circuits, opened.budgets)


async def probe_vendors(settings: Settings) -> dict[str, FaultMavenError | None]:
    """Each vendor whose key is set, and the index in Postgres: None when it can be used, else why not.

    Creates nothing.
    """
    found: dict[str, FaultMavenError | None] = {}
    async with AsyncExitStack() as stack:
        opened = await open_embeddings(settings, stack)
        if settings.co_api_key is not None:
            found["cohere"] = await _fault_of(opened.target.embed_query("ready?"))
        if settings.pinecone_api_key is not None:
            index = _pinecone(settings, Spaces(opened.target), Breaker())
            stack.push_async_callback(index.close)
            found["pinecone"] = await _fault_of(index.exists())
        elif url := plain(settings.database_url):
            found["index in Postgres"] = await _fault_of(
                _postgres(url, opened.target.space, Spaces(opened.target)).check()
            )
        if is_wanted(settings):
            found["chat model"] = await _fault_of(probe(settings))
    return found


async def create_index(settings: Settings, on_wait: Callable[[float], None]) -> tuple[str, bool]:
    """Create Pinecone's index unless it is there: its name, and whether it was created.

    Raises SettingError without Pinecone's key, OperatorError when an index of that name isn't mine,
    RetryLater. `on_wait` is told the seconds waited so far.
    """
    if settings.pinecone_api_key is None:
        raise SettingError("PINECONE_API_KEY", "is not set", "Copy it from Pinecone's console.")
    async with AsyncExitStack() as stack:
        opened = await open_embeddings(settings, stack)
        index = _pinecone(settings, Spaces(opened.target), Breaker())
        stack.push_async_callback(index.close)
        return await index.create(on_wait)


def _pinecone(
    settings: Settings,
    spaces: Spaces,
    breaker: Breaker,
    deadlines: Deadlines = USUAL,
    on_call: OnCall = untold,
) -> PineconeSpaces:
    from bot.providers.pinecone.connection import INDEX_NAME, PineconeAddress  # noqa: PLC0415  # see above
    from bot.providers.pinecone.spaces import PineconeSpaces  # noqa: PLC0415  # see above

    address = PineconeAddress(
        api_key=plain(settings.pinecone_api_key) or "",
        index_name=settings.pinecone_index_name or INDEX_NAME,
        controller_host=settings.pinecone_controller_host,
        index_host=settings.pinecone_index_host,
    )
    return PineconeSpaces(
        address, spaces.target.space, spaces.label, breaker=breaker, deadlines=deadlines, on_call=on_call
    )


def _postgres(url: str, space: EmbeddingSpace, spaces: Spaces) -> PostgresIndex:
    """The passages in the database of the state: an embedded index would be another one in each replica."""
    from bot.providers.postgres import PostgresIndex  # noqa: PLC0415  # its driver is an extra

    return PostgresIndex(url, space, spaces.former)


async def _fault_of(call: Awaitable[object]) -> FaultMavenError | None:
    try:
        await call
    except FaultMavenError as error:
        return error
    return None
