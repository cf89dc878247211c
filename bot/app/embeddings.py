"""Which model embeds, and which former ones can still embed questions; with Cohere's, its reranking.

Cohere's library is imported only when its key is set: it costs 0.3 s and 25 MB.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.ports import EmbeddingProvider
from bot.providers.budget import Breaker, Budget
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.local.embeddings import SPACE as LOCAL_SPACE
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.told import OnCall, untold
from bot.search.rerank import Reranker
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.providers.cohere.embeddings import CohereEmbeddingProvider

LOCAL_DIMENSION, PINECONE_DIMENSION = 512, 1024
"""Of Cohere's embeddings, if not set: the embedded index keeps all vectors in memory."""
COHERE_LABEL = re.compile(r"(?P<model>embed-.+)-(?P<dimension>\d+)(?P<coarse>-int8)?/(?P=dimension)")


@dataclass(frozen=True, slots=True)
class Embeddings:
    """`target` is the configured model, `former` are those that the labels asked for and can be used."""

    target: EmbeddingProvider
    former: tuple[EmbeddingProvider, ...] = ()
    reranker: Reranker | None = None
    circuits: Mapping[str, Breaker] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()


async def open_embeddings(
    settings: Settings,
    stack: AsyncExitStack,
    labels: Iterable[str] = (),
    deadlines: Deadlines = USUAL,
    on_call: OnCall = untold,
) -> Embeddings:
    """Open what the settings name, and what embedded the spaces with these labels."""
    wanted = set(labels)
    if settings.co_api_key is None:
        return Embeddings(await _local(stack))
    key = settings.co_api_key.get_secret_value()
    cohere, reranker, circuits, budgets = _cohere(settings, key, stack, wanted, deadlines, on_call)
    target: EmbeddingProvider = cohere[0]
    former: list[EmbeddingProvider] = list(cohere[1:])
    if LOCAL_SPACE.label in wanted:
        former.append(await _local(stack))
    return Embeddings(target, tuple(former), reranker, circuits, budgets)


async def _local(stack: AsyncExitStack) -> EmbeddingProvider:
    local = LocalEmbeddingProvider()
    stack.push_async_callback(local.close)
    await local.embed_query("ready")  # loading the model holds up the loop once: now, not at a question
    return local


def _cohere(
    settings: Settings,
    key: str,
    stack: AsyncExitStack,
    labels: Iterable[str],
    deadlines: Deadlines,
    on_call: OnCall,
) -> tuple[list[CohereEmbeddingProvider], Reranker, dict[str, Breaker], tuple[Budget, ...]]:
    """Cohere's models, the configured one first; all of one key share its limits."""
    from bot.providers.cohere.calls import Calls  # noqa: PLC0415  # see above
    from bot.providers.cohere.client import CohereClient  # noqa: PLC0415  # see above
    from bot.providers.cohere.embeddings import (  # noqa: PLC0415  # see above
        MODEL,
        CohereEmbeddingProvider,
        DocumentBudget,
    )
    from bot.providers.cohere.reranker import CohereReranker  # noqa: PLC0415  # see above

    client = CohereClient(key, settings.co_api_url)
    stack.push_async_callback(client.close)
    embedding, reranking = (
        Calls(deadlines, on_outcome=partial(on_call, "cohere", operation))
        for operation in ("embed", "rerank")
    )
    budget = DocumentBudget(tokens_per_minute=settings.embedding_tokens_per_minute or math.inf)

    provider = partial(CohereEmbeddingProvider, client, budget=budget, calls=embedding)
    usual = LOCAL_DIMENSION if settings.pinecone_api_key is None else PINECONE_DIMENSION
    target = provider(
        model=MODEL,
        dimension=settings.embedding_dimension or usual,
        encoding="int8" if settings.embedding_type == "int8" else "base64",
    )
    former = [provider(**model) for model in _models(set(labels) - {target.space.label})]
    circuits = {"cohere_embed": embedding.breaker, "cohere_rerank": reranking.breaker}
    reranker = CohereReranker(client, calls=reranking)
    return [target, *former], reranker, circuits, (*budget.parts, reranker.requests)


def _models(labels: Iterable[str]) -> list[dict[str, Any]]:
    """What embedded the spaces of Cohere's that have these labels."""
    found = [COHERE_LABEL.fullmatch(label) for label in sorted(labels)]
    return [
        {
            "model": match["model"],
            "dimension": int(match["dimension"]),
            "encoding": "int8" if match["coarse"] else "base64",
        }
        for match in found
        if match
    ]
