"""Which providers are used: a vendor's where its key is set, else what needs no key."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from pydantic import SecretStr

from bot.errors import FaultMavenError
from bot.ports import EmbeddingProvider
from bot.providers.cohere.client import CohereClient
from bot.providers.cohere.embeddings import CohereEmbeddingProvider
from bot.providers.cohere.reranker import CohereReranker
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.providers.pinecone.connection import INDEX_NAME, PineconeAddress
from bot.providers.pinecone.index import PineconeIndex
from bot.search.rerank import Reranker
from bot.settings import Settings

DATABASE_NAME = "faultmaven.db"


@dataclass(frozen=True, slots=True)
class Providers:
    """The opened providers; closing them is the stack's."""

    embeddings: EmbeddingProvider
    index: LocalIndex | PineconeIndex
    reranker: Reranker | None


async def open_providers(settings: Settings, stack: AsyncExitStack) -> Providers:
    """Cohere with CO_API_KEY, Pinecone with PINECONE_API_KEY. Raises OperatorError when one can't be used."""
    embeddings: EmbeddingProvider
    reranker: Reranker | None = None
    if settings.co_api_key is not None:
        client = CohereClient(settings.co_api_key.get_secret_value(), settings.co_api_url)
        stack.push_async_callback(client.close)
        embeddings, reranker = CohereEmbeddingProvider(client, encoding="base64"), CohereReranker(client)
    else:
        embeddings = local = LocalEmbeddingProvider()
        stack.push_async_callback(local.close)
        await local.embed_query("ready")  # loading the model holds up the loop once: now, not at a question
    index: LocalIndex | PineconeIndex
    if settings.pinecone_api_key is not None:
        index = PineconeIndex(pinecone_address(settings, settings.pinecone_api_key), embeddings.space)
    else:
        index = LocalIndex(settings.data_dir / DATABASE_NAME, embeddings.space)
    await stack.enter_async_context(index)
    return Providers(embeddings, index, reranker)


def pinecone_address(settings: Settings, key: SecretStr) -> PineconeAddress:
    """Where the index is, as the settings say."""
    return PineconeAddress(
        api_key=key.get_secret_value(),
        index_name=settings.pinecone_index_name or INDEX_NAME,
        controller_host=settings.pinecone_controller_host,
        index_host=settings.pinecone_index_host,
    )


async def probe_vendors(settings: Settings) -> dict[str, FaultMavenError | None]:
    """Each vendor whose key is set: None when it can be used, else why not. Creates nothing."""
    found: dict[str, FaultMavenError | None] = {}
    embeddings: EmbeddingProvider = LocalEmbeddingProvider()
    async with AsyncExitStack() as stack:
        if settings.co_api_key is not None:
            client = CohereClient(settings.co_api_key.get_secret_value(), settings.co_api_url)
            stack.push_async_callback(client.close)
            embeddings = CohereEmbeddingProvider(client)
            found["cohere"] = await _fault_of(embeddings.embed_query("ready?"))
        if settings.pinecone_api_key is not None:
            index = PineconeIndex(pinecone_address(settings, settings.pinecone_api_key), embeddings.space)
            stack.push_async_callback(index.close)
            found["pinecone"] = await _fault_of(index.exists())
    return found


async def _fault_of(call: Awaitable[object]) -> FaultMavenError | None:
    try:
        await call
    except FaultMavenError as error:
        return error
    return None
