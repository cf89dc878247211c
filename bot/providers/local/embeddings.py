"""Embeddings without a key or a network: WordLlama's token vectors, averaged.

The weights ship inside the `wordllama` wheel. They are read with the libraries it reads them with,
not through it: importing it configures the root logger and an HTTP client, and its pooling takes
three times the memory and CPU for the same vectors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError
from bot.ports import Vectors

SPACE = EmbeddingSpace("wordllama-256", 256, floor=0.25, near=0.4, weight=0.35, foreign_weight=0.15)
"""Near: questions of one public collection asked of another one find their nearest text at 0.25 to 0.36
(median); 95 in 100 of those asked of their own find it nearer than 0.40."""
MAX_CHARS = 20_000
"""Read of one text; twenty times a chunk, and 10 ms of CPU at worst."""
TOKENIZER_BATCH = 16
"""Texts per call into the tokenizer: their results come back under the interpreter lock, and 16 keep
the event loop's delay at 1 ms (96: 4 ms)."""
UNKNOWN_TOKEN = 0


class LocalEmbeddingProvider:
    """An `EmbeddingProvider` on this machine's CPU: 0.1 ms a chunk, about 55 MB once loaded.

    The first use in the process reads the weights (0.1 s). Calls wait for each other in a thread of its own.
    No text is refused: one without any token gets the unknown token's vector.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._model: _Model | None = None

    @property
    def space(self) -> EmbeddingSpace:
        """WordLlama's 256 dimensions."""
        return SPACE

    async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
        """Embed texts, however many. Raises OperatorError when the weights aren't installed."""
        del group  # calls wait for each other by tenths of a millisecond a text
        loop = asyncio.get_running_loop()
        vectors: Vectors = await loop.run_in_executor(self._thread, self._embed, list(texts))
        return vectors

    async def embed_query(self, text: str) -> Vectors:
        """Embed one question, in the same way as documents."""
        vector: Vectors = (await self.embed_documents([text]))[0]
        return vector

    async def close(self) -> None:
        """Let the calls under way finish and end the thread; later ones raise RuntimeError."""
        await asyncio.to_thread(self._thread.shutdown)

    def _embed(self, texts: list[str]) -> Vectors:
        if self._model is None:
            self._model = _load(*_installed())
        return self._model.embed(texts)


@dataclass(frozen=True, slots=True)
class _Model:
    tokenizer: Tokenizer
    token_vectors: Vectors

    def embed(self, texts: list[str]) -> Vectors:
        # The tokenizer takes UTF-8, which has no lone surrogates.
        readable = [text[:MAX_CHARS].encode("utf-8", "replace").decode() for text in texts]
        means = np.empty((len(texts), SPACE.dimension), dtype=np.float32)
        for start in range(0, len(readable), TOKENIZER_BATCH):
            batch = readable[start : start + TOKENIZER_BATCH]
            for row, encoding in enumerate(self.tokenizer.encode_batch_fast(batch, add_special_tokens=False)):
                tokens = encoding.ids or [UNKNOWN_TOKEN]
                means[start + row] = self.token_vectors[tokens].mean(axis=0, dtype=np.float32)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        unit: Vectors = np.where(lengths > 0, means, self.token_vectors[UNKNOWN_TOKEN])
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        return unit


def _installed() -> tuple[Path, Path]:
    package = find_spec("wordllama")
    folders = (package.submodule_search_locations if package else None) or [""]
    vocabulary = Path(folders[0], "tokenizers", "l2_supercat_tokenizer_config.json")
    weights = Path(folders[0], "weights", "l2_supercat_256.safetensors")
    if not (vocabulary.is_file() and weights.is_file()):
        raise OperatorError(
            "The local embedding model is not installed", "Install the package wordllama again."
        )
    return vocabulary, weights


@cache  # who opens the model again shares it: nothing in it ever changes
def _load(vocabulary: Path, weights: Path) -> _Model:
    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    vectors = np.ascontiguousarray(load_file(str(weights))["embedding.weight"], dtype=np.float32)
    vectors.flags.writeable = False
    return _Model(tokenizer, vectors)
