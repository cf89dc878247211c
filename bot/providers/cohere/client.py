"""The connection to Cohere: the vendor's own client with its retries off."""

from __future__ import annotations

from typing import Self

import httpx
from cohere import AsyncClientV2

API_URL = "https://api.cohere.com"
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16)


class CohereClient:
    """Shared by embeddings and reranking. Nothing is asked before the first call of theirs.

    `api_url` is another address that speaks Cohere's API (CO_API_URL), without `/v2`.
    """

    def __init__(self, api_key: str, api_url: str | None = None) -> None:
        # Without redirects: the key goes to the address that was set and to no other.
        self._http = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=False)
        self.sdk = AsyncClientV2(
            api_key=api_key,
            base_url=(api_url or API_URL).rstrip("/"),
            client_name="faultmaven",
            max_retries=0,
            httpx_client=self._http,
            log_warning_experimental_features=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Repeatable; later calls raise RuntimeError."""
        await self._http.aclose()
