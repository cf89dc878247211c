"""Which providers are used: a vendor's where its key is set, else what needs no key.

A vendor's library is imported only when its key is set: it costs 0.3 s and 25 MB.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app.chat import open_chat
from bot.errors import FaultMavenError
from bot.ports import ChatProvider, EmbeddingProvider, VectorIndex
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.search.rerank import Reranker
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.providers.pinecone.index import PineconeIndex

DATABASE_NAME = "faultmaven.db"
LOCAL_DIMENSION, PINECONE_DIMENSION = 512, 1024
"""Of Cohere's embeddings: the embedded index keeps all vectors in memory."""


@dataclass(frozen=True, slots=True)
class Providers:
    """The opened providers; closing them is the stack's."""

    embeddings: EmbeddingProvider
    index: VectorIndex
    reranker: Reranker | None
    chat: ChatProvider | None


async def open_providers(settings: Settings, stack: AsyncExitStack) -> Providers:
    """Cohere with CO_API_KEY, Pinecone with PINECONE_API_KEY. Raises OperatorError when one can't be used."""
    if settings.co_api_key is not None:
        embeddings, reranker = _cohere(settings, settings.co_api_key.get_secret_value(), stack)
    else:
        embeddings, reranker = await _local_embeddings(stack), None
    index: VectorIndex
    if settings.pinecone_api_key is not None:
        index = await stack.enter_async_context(_pinecone(settings, embeddings))
    else:
        local = LocalIndex(settings.data_dir / DATABASE_NAME, embeddings.space)
        index = await stack.enter_async_context(local)
    return Providers(embeddings, index, reranker, open_chat(settings, stack))


async def probe_vendors(settings: Settings) -> dict[str, FaultMavenError | None]:
    """Each vendor whose key is set: None when it can be used, else why not. Creates nothing."""
    found: dict[str, FaultMavenError | None] = {}
    async with AsyncExitStack() as stack:
        embeddings: EmbeddingProvider = LocalEmbeddingProvider()
        if settings.co_api_key is not None:
            embeddings, _ = _cohere(settings, settings.co_api_key.get_secret_value(), stack)
            found["cohere"] = await _fault_of(embeddings.embed_query("ready?"))
        if settings.pinecone_api_key is not None:
            index = _pinecone(settings, embeddings)
            stack.push_async_callback(index.close)
            found["pinecone"] = await _fault_of(index.exists())
    return found


async def _local_embeddings(stack: AsyncExitStack) -> EmbeddingProvider:
    local = LocalEmbeddingProvider()
    stack.push_async_callback(local.close)
    await local.embed_query("ready")  # loading the model holds up the loop once: now, not at a question
    return local


def _cohere(settings: Settings, key: str, stack: AsyncExitStack) -> tuple[EmbeddingProvider, Reranker]:
    from bot.providers.cohere.client import CohereClient  # noqa: PLC0415  # see above
    from bot.providers.cohere.embeddings import CohereEmbeddingProvider  # noqa: PLC0415  # see above
    from bot.providers.cohere.reranker import CohereReranker  # noqa: PLC0415  # see above

    client = CohereClient(key, settings.co_api_url)
    stack.push_async_callback(client.close)
    dimension = LOCAL_DIMENSION if settings.pinecone_api_key is None else PINECONE_DIMENSION
    embeddings = CohereEmbeddingProvider(client, dimension=dimension, encoding="base64")
    return embeddings, CohereReranker(client)


def _pinecone(settings: Settings, embeddings: EmbeddingProvider) -> PineconeIndex:
    from bot.providers.pinecone.connection import INDEX_NAME, PineconeAddress  # noqa: PLC0415  # see above
    from bot.providers.pinecone.index import PineconeIndex  # noqa: PLC0415  # see above

    key = settings.pinecone_api_key
    address = PineconeAddress(
        api_key=key.get_secret_value() if key else "",
        index_name=settings.pinecone_index_name or INDEX_NAME,
        controller_host=settings.pinecone_controller_host,
        index_host=settings.pinecone_index_host,
    )
    return PineconeIndex(address, embeddings.space)


async def _fault_of(call: Awaitable[object]) -> FaultMavenError | None:
    try:
        await call
    except FaultMavenError as error:
        return error
    return None
