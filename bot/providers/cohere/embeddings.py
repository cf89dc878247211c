"""Embeddings by Cohere: documents in paced batches, a question within seconds or not at all."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from cohere import EmbedByTypeResponse

from bot.domain import EmbeddingSpace
from bot.errors import ProviderUnavailable
from bot.ports import Vectors
from bot.providers.budget import Budget
from bot.providers.cohere.calls import Calls
from bot.providers.cohere.client import CohereClient

MODEL = "embed-v4.0"
DIMENSION = 1024
"""Of 256, 512, 1024 and 1536 that embed-v4.0 gives."""

MAX_TEXTS = 96
MAX_CHARS = 20_000
INPUTS_PER_MINUTE = 2_000
"""Cohere's limit for every key (docs.cohere.com, rate limits)."""
SHARE_OF_DOCUMENTS = 0.85
"""What indexing may use of it: questions never wait behind a thousand files."""
CHARS_PER_TOKEN = 3.0
"""Fewer than English has, so that the estimate errs on the high side."""
LONGEST_TURN_S = 120.0
"""That a batch waits for its turn; its job then comes back later."""

Encoding = Literal["float", "int8", "base64"]


class DocumentBudget:
    """What indexing may ask of one key a minute, whatever the space; questions are not counted.

    `tokens_per_minute` is for keys that have such a limit.
    """

    def __init__(
        self, inputs_per_minute: float = INPUTS_PER_MINUTE, tokens_per_minute: float = math.inf
    ) -> None:
        self._inputs = Budget(inputs_per_minute * SHARE_OF_DOCUMENTS)
        self._tokens = Budget(tokens_per_minute * SHARE_OF_DOCUMENTS)

    @property
    def parts(self) -> tuple[Budget, ...]:
        """What is to be divided among processes with the same key."""
        return self._inputs, self._tokens

    async def spend(self, texts: Sequence[str], group: str) -> None:
        """Wait for the group's turn. Raises RateLimited when that takes over two minutes."""
        await self._inputs.spend(len(texts), LONGEST_TURN_S, group)
        tokens = sum(map(len, texts)) / CHARS_PER_TOKEN
        await self._tokens.spend(tokens, LONGEST_TURN_S, group)


class CohereEmbeddingProvider:
    """An `EmbeddingProvider` on Cohere's servers.

    `encoding` is how vectors travel: `float` as Cohere's default; `base64` holds the same numbers in a
    third of the bytes and reads in a hundredth of the time (100 ms of the event loop for 96 texts);
    `int8` are other, coarser vectors, hence a space of their own. Those of one key share `budget` and
    `calls`.
    """

    def __init__(
        self,
        client: CohereClient,
        *,
        model: str = MODEL,
        dimension: int = DIMENSION,
        encoding: Encoding = "float",
        budget: DocumentBudget | None = None,
        calls: Calls | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._encoding = encoding
        suffix = "-int8" if encoding == "int8" else ""
        self._space = EmbeddingSpace(f"{model}-{dimension}{suffix}", dimension)
        self._budget = budget or DocumentBudget()
        self._calls = calls or Calls()

    @property
    def space(self) -> EmbeddingSpace:
        """Named for the model and the dimension."""
        return self._space

    async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
        """Embed at most 96 texts; one longer than 20,000 characters counts by its beginning.

        Waits for its group's turn in this minute's budget, and through short failures, for up to two
        minutes each.
        """
        if len(texts) > MAX_TEXTS:
            raise ValueError(f"{len(texts)} texts, {MAX_TEXTS} are allowed")
        if not texts:
            return np.empty((0, self._space.dimension), dtype=np.float32)
        sent = [_sendable(text) for text in texts]
        await self._budget.spend(sent, group)
        return await self._embed(sent, "search_document", self._calls.deadlines.documents_s)

    async def embed_query(self, text: str) -> Vectors:
        """Embed one question. Raises within five seconds: a search can go on by words alone."""
        deadline_s = self._calls.deadlines.question_s
        vector: Vectors = (await self._embed([_sendable(text)], "search_query", deadline_s))[0]
        return vector

    async def _embed(
        self, texts: list[str], input_type: Literal["search_document", "search_query"], deadline_s: float
    ) -> Vectors:
        async def request() -> EmbedByTypeResponse:
            return await self._client.sdk.embed(
                texts=texts,
                model=self._model,
                input_type=input_type,
                embedding_types=[self._encoding],
                output_dimension=self._space.dimension,
                truncate="END",
            )

        answer = await self._calls.run(
            request, deadline_s=deadline_s, somebody_waits=input_type == "search_query"
        )
        try:
            vectors = np.array(self._numbers(answer), dtype=np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise ProviderUnavailable("Cohere's embeddings could not be read") from error
        return _unit(vectors, (len(texts), self._space.dimension))

    def _numbers(self, answer: EmbedByTypeResponse) -> npt.ArrayLike | None:
        if self._encoding == "float":
            return answer.embeddings.float_
        if self._encoding == "int8":
            return answer.embeddings.int8
        return [np.frombuffer(base64.b64decode(one), dtype="<f4") for one in answer.embeddings.base64 or ()]


def _sendable(text: str) -> str:
    """Text as JSON and the model take it: without lone surrogates and NUL, never blank."""
    readable = text[:MAX_CHARS].encode("utf-8", "replace").decode().replace("\x00", " ")
    return readable if readable.strip() else "-"


def _unit(vectors: Vectors, shape: tuple[int, int]) -> Vectors:
    """Vectors of unit length. Raises ProviderUnavailable when they are not what was asked for."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True) if vectors.shape == shape else np.zeros(1)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ProviderUnavailable("Cohere's embeddings are not of the shape that was asked for")
    unit: Vectors = vectors / lengths
    return unit
