"""Reranking by Cohere: which of some texts answer a question best."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cohere import V2RerankResponse

from bot.errors import ProviderUnavailable
from bot.providers.budget import Budget
from bot.providers.cohere.calls import Calls
from bot.providers.cohere.client import CohereClient

MODEL = "rerank-v4.0-fast"
MAX_TEXTS = 1_000
"""What Cohere recommends at most."""
MAX_QUERY_CHARS = 4_000
MAX_TEXT_CHARS = 8_000
MAX_TOKENS_PER_TEXT = 1_024
"""A chunk has a quarter of that; so no single text can cost more than the others."""
REQUESTS_PER_MINUTE = 1_000
"""Cohere's limit for a production key (docs.cohere.com, rate limits)."""


class CohereReranker:
    """A `Reranker` on Cohere's servers; answers within four seconds or raises."""

    def __init__(
        self,
        client: CohereClient,
        *,
        model: str = MODEL,
        requests_per_minute: float = REQUESTS_PER_MINUTE,
        calls: Calls | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self.requests = Budget(requests_per_minute)
        self._calls = calls or Calls()

    async def rerank(self, query: str, texts: Sequence[str], top_n: int) -> list[tuple[int, float]]:
        """The best `top_n` of at most 1,000 texts as (position, relevance in 0..1), best first."""
        if len(texts) > MAX_TEXTS:
            raise ValueError(f"{len(texts)} texts, {MAX_TEXTS} are allowed")
        if not texts:
            return []
        asked = _sendable(query, MAX_QUERY_CHARS)
        sent = [_sendable(text, MAX_TEXT_CHARS) for text in texts]

        async def request() -> V2RerankResponse:
            return await self._client.sdk.rerank(
                model=self._model,
                query=asked,
                documents=sent,
                top_n=min(top_n, len(sent)),
                max_tokens_per_doc=MAX_TOKENS_PER_TEXT,
            )

        deadline_s = self._calls.deadlines.rerank_s
        await self.requests.spend(1, deadline_s)
        answer = await self._calls.run(request, deadline_s=deadline_s, somebody_waits=True)
        return _read(answer, len(sent), min(top_n, len(sent)))


def _sendable(text: str, max_chars: int) -> str:
    readable = text[:max_chars].encode("utf-8", "replace").decode().replace("\x00", " ")
    return readable if readable.strip() else "-"


def _read(answer: V2RerankResponse, count: int, asked: int) -> list[tuple[int, float]]:
    """So many positions as were asked for, with scores. Raises ProviderUnavailable for anything else."""
    try:
        ranked = {int(one.index): float(one.relevance_score) for one in answer.results}
    except (AttributeError, TypeError, ValueError) as error:
        raise ProviderUnavailable("Cohere's ranking could not be read") from error
    if len(ranked) != asked:
        raise ProviderUnavailable("Cohere's ranking is not whole")
    if not all(0 <= position < count and math.isfinite(score) for position, score in ranked.items()):
        raise ProviderUnavailable("Cohere's ranking names texts that were not sent")
    return sorted(ranked.items(), key=lambda one: (-one[1], one[0]))
