"""A strict double of Cohere's API v2 on loopback: embed, rerank and chat, with their limits and refusals.

Meaning is shared words: the embedding of a text is the sum of one random vector a word, a little
moved for questions, so that mistaking one kind for the other shows.
"""

from __future__ import annotations

import base64
import re
import uuid
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from aiohttp import web

from support.chat_model import Behaviour
from support.cohere_chat import stream_chat
from support.vendor_server import Refused, VendorServer, require

EMBED_MODELS = {"embed-v4.0": (256, 512, 1024, 1536), "embed-v5.0-fast": (256, 512, 768, 1024, 1536, 2048)}
RERANK_MODELS = {"rerank-v3.5", "rerank-v4.0-fast", "rerank-v4.0-pro", "rerank-v5.0-pro"}
INPUT_TYPES = {"search_document", "search_query", "classification", "clustering", "image"}
EMBEDDING_TYPES = {"float", "int8", "uint8", "binary", "ubinary", "base64"}
EMBED_FIELDS = {
    "texts", "images", "inputs", "model", "input_type", "max_tokens", "output_dimension", "embedding_types",
    "truncate", "priority",
}  # fmt: skip  # a list
RERANK_FIELDS = {"model", "query", "documents", "top_n", "max_tokens_per_doc", "relevant_spans", "priority"}
MAX_TEXTS, MAX_DOCUMENTS = 96, 1_000
WIDEST = 2_048

Row = npt.NDArray[np.float32]


class CohereServer(VendorServer):
    """`embedded` counts the texts that were embedded; `behaviour` is how its chat model answers."""

    def __init__(self, key: str = "co-test-key") -> None:
        super().__init__()
        self.key = key
        self.embedded = 0
        self.behaviour = Behaviour()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        require(request.method == "POST", "not found", 404)
        require(request.headers.get("Authorization") == f"Bearer {self.key}", "invalid api token", 401)
        if request.path == "/v2/chat":
            return await stream_chat(request, await self.body_of(request), self.behaviour, self._closing)
        endpoints = {"/v2/embed": self._embed, "/v2/rerank": self._rerank}
        require(request.path in endpoints, "not found", 404)
        return web.json_response(endpoints[request.path](await self.body_of(request)))

    def refusal(self, refused: Refused) -> web.StreamResponse:
        body = {"id": uuid.uuid4().hex, "message": refused.message}
        return web.json_response(body, status=refused.status)

    def _embed(self, body: dict[str, Any]) -> dict[str, Any]:
        _known(body, EMBED_FIELDS)
        model: Any = body.get("model")
        texts: Any = body.get("texts")
        require(model in EMBED_MODELS, f"model '{model}' not found", 404)
        require(body.get("input_type") in INPUT_TYPES, "valid input_type must be provided with the model")
        require(isinstance(texts, list) and texts, "texts must be a non-empty array")
        require(len(texts) <= MAX_TEXTS, f"too many texts: at most {MAX_TEXTS} are allowed")
        require(all(isinstance(text, str) for text in texts), "texts must be strings", 422)
        require(all(text.strip() for text in texts), "texts must not be empty")
        kinds = body.get("embedding_types") or ["float"]
        require(set(kinds) <= EMBEDDING_TYPES, "unknown embedding type", 422)
        dimension = body.get("output_dimension", EMBED_MODELS[model][-1])
        require(dimension in EMBED_MODELS[model], f"output_dimension {dimension} is not supported")
        require(body.get("truncate", "END") in {"NONE", "START", "END"}, "unknown truncate", 422)
        self.embedded += len(texts)
        rows = np.stack([embedding(text, dimension, body["input_type"]) for text in texts])
        return {
            "id": uuid.uuid4().hex,
            "response_type": "embeddings_by_type",
            "embeddings": {kind: _encoded(rows, kind) for kind in kinds},
            "texts": texts,
            "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": len(texts)}},
        }

    def _rerank(self, body: dict[str, Any]) -> dict[str, Any]:
        _known(body, RERANK_FIELDS)
        model, query = body.get("model"), body.get("query")
        documents: Any = body.get("documents")
        require(model in RERANK_MODELS, f"model '{model}' not found", 404)
        require(isinstance(query, str) and bool(query.strip()), "query must not be empty")
        require(isinstance(documents, list) and documents, "documents must be a non-empty array")
        require(len(documents) <= MAX_DOCUMENTS, "too many documents")
        require(all(isinstance(one, str) for one in documents), "documents must be strings", 422)
        top_n = body.get("top_n", len(documents))
        require(isinstance(top_n, int) and top_n > 0, "top_n must be positive")
        scores = [relevance(query, one) for one in documents]
        best = sorted(range(len(documents)), key=lambda place: -scores[place])[:top_n]
        return {
            "id": uuid.uuid4().hex,
            "results": [{"index": place, "relevance_score": scores[place]} for place in best],
            "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
        }


def embedding(text: str, dimension: int, input_type: str) -> Row:
    words = re.findall(r"\w+", text.lower()) or [text]
    row: Row = np.sum([_of_word(word) for word in words], axis=0)[:dimension]
    row = row / np.linalg.norm(row) + 0.2 * _of_word(input_type)[:dimension] / np.sqrt(dimension)
    return row / np.linalg.norm(row)


def relevance(query: str, text: str) -> float:
    """The share of the query's words that the text has."""
    wanted = set(re.findall(r"\w+", query.lower()))
    return len(wanted & set(re.findall(r"\w+", text.lower()))) / max(len(wanted), 1)


@lru_cache(maxsize=10_000)
def _of_word(word: str) -> Row:
    seed = zlib.crc32(word.encode("utf-8", "replace"))
    return np.random.default_rng(seed).standard_normal(WIDEST, dtype=np.float32)


def _encoded(rows: Row, kind: str) -> list[Any]:
    if kind == "base64":
        return [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in rows]
    if kind == "int8":
        return np.clip(np.rint(rows * 500), -128, 127).astype(int).tolist()
    require(kind == "float", f"this double does not give {kind}")
    return rows.tolist()


def _known(body: dict[str, Any], fields: set[str]) -> None:
    unknown = sorted(set(body) - fields)
    require(not unknown, f"unknown field: {unknown}", 422)
