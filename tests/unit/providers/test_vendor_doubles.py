"""The doubles of Cohere and Pinecone refuse what these refuse: passing on them means something."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest
from support.cohere_server import CohereServer
from support.pinecone_server import CLASSIC_SCHEMA, PineconeServer
from support.vendor_server import VendorServer

from bot.providers.pinecone.schema import schema

EMBED = {"model": "embed-v4.0", "input_type": "search_query", "texts": ["a"], "embedding_types": ["float"]}
RERANK = {"model": "rerank-v4.0-fast", "query": "a", "documents": ["a"]}
SEARCH = {"top_k": 1, "score_by": [{"type": "text", "fields": ["text"], "query": "a"}]}
DENSE = {"type": "dense_vector", "fields": ["vector"], "values": [1.0, 0.0]}
RECORD = {"_id": "d:1:0", "vector": [1.0, 0.0], "text": "a"}
PINECONE = {"X-Pinecone-Api-Version": "2026-07"}


async def status_of(server: VendorServer, path: str, body: object, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session:
        sent = BytesIO(json.dumps(body).encode())
        headers = headers | {"Content-Type": "application/json"}
        answer = await session.post(server.url + path, data=sent, headers=headers)
        await answer.read()
        return answer.status


@pytest.fixture
async def cohere() -> AsyncIterator[CohereServer]:
    async with CohereServer("key") as server:
        yield server


@pytest.fixture
async def pinecone() -> AsyncIterator[PineconeServer]:
    async with PineconeServer("key") as server:
        server.add_index("fm", schema(2))
        server.add_index("classic", CLASSIC_SCHEMA)
        yield server


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v2/embed", EMBED, 200),
        ("/v2/embed", EMBED | {"texts": ["a"] * 97}, 400),
        ("/v2/embed", EMBED | {"texts": []}, 400),
        ("/v2/embed", EMBED | {"texts": [" "]}, 400),
        ("/v2/embed", EMBED | {"input_type": "document"}, 400),
        ("/v2/embed", EMBED | {"model": "embed-v9"}, 404),
        ("/v2/embed", EMBED | {"output_dimension": 100}, 400),
        ("/v2/embed", EMBED | {"embedding_types": ["double"]}, 422),
        ("/v2/embed", EMBED | {"truncate": "MIDDLE"}, 422),
        ("/v2/embed", EMBED | {"batch": 3}, 422),
        ("/v2/rerank", RERANK, 200),
        ("/v2/rerank", RERANK | {"query": ""}, 400),
        ("/v2/rerank", RERANK | {"documents": []}, 400),
        ("/v2/rerank", RERANK | {"documents": ["a"] * 1_001}, 400),
        ("/v2/rerank", RERANK | {"top_n": 0}, 400),
        ("/v2/rerank", RERANK | {"model": "rerank-v9"}, 404),
        ("/v1/embed", EMBED, 404),
    ],
)
async def test_cohere_is_as_strict_as_it_is(
    cohere: CohereServer, path: str, body: object, status: int
) -> None:
    assert await status_of(cohere, path, body, {"Authorization": "Bearer key"}) == status


async def test_cohere_wants_its_key(cohere: CohereServer) -> None:
    assert await status_of(cohere, "/v2/embed", EMBED, {"Authorization": "Bearer other"}) == 401
    assert await status_of(cohere, "/v2/embed", EMBED, {}) == 401


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("upsert", {"documents": [RECORD]}, 202),
        ("upsert", {"documents": []}, 400),
        ("upsert", {"documents": [RECORD, RECORD]}, 400),
        ("upsert", {"documents": [RECORD | {"_id": str(n)} for n in range(1_001)]}, 400),
        ("upsert", {"documents": [RECORD | {"_id": "d:ü"}]}, 400),
        ("upsert", {"documents": [RECORD | {"vector": [1.0]}]}, 400),
        ("upsert", {"documents": [RECORD | {"vector": [0.0, 0.0]}]}, 400),
        ("upsert", {"documents": [{"_id": "d", "text": "a"}]}, 400),
        ("upsert", {"documents": [RECORD | {"label": None}]}, 400),
        ("upsert", {"documents": [RECORD | {"pages": [1, 2]}]}, 400),
        ("upsert", {"documents": [RECORD | {"_secret": "x"}]}, 400),
        ("upsert", {"documents": [RECORD | {"text": "a" * 100_001}]}, 400),
        ("upsert", {"documents": [RECORD | {"text": "a " * 10_001}]}, 400),
        ("upsert", {"documents": [RECORD | {"note": "a" * 40_001}]}, 400),
        ("upsert", {"documents": [RECORD | {"text": "a" * 2_000_001}]}, 413),
        ("search", SEARCH, 200),
        ("search", SEARCH | {"top_k": 0}, 400),
        ("search", SEARCH | {"top_k": 10_001}, 400),
        ("search", SEARCH | {"score_by": []}, 400),
        ("search", SEARCH | {"score_by": [DENSE]}, 200),
        ("search", SEARCH | {"score_by": [DENSE, *SEARCH["score_by"]]}, 400),  # type: ignore[misc]  # a list
        ("search", SEARCH | {"score_by": [DENSE | {"values": [1.0]}]}, 400),
        ("search", SEARCH | {"score_by": [{"type": "text", "fields": ["page"], "query": "a"}]}, 400),
        ("search", SEARCH | {"score_by": [{"type": "text", "fields": ["text"], "query": " "}]}, 400),
        ("search", SEARCH | {"score_by": [{"type": "text", "fields": ["text"], "query": "a" * 10_001}]}, 400),
        ("search", SEARCH | {"score_by": [{"type": "query_string", "query": 'text:("a"'}]}, 400),
        ("search", SEARCH | {"score_by": [{"type": "query_string", "query": 'page:("a")'}]}, 400),
        ("search", SEARCH | {"filter": {}}, 400),
        ("search", SEARCH | {"filter": {"text": {"$eq": "a"}}}, 400),
        ("search", SEARCH | {"filter": {"text": {"$match_phrase": "a"}}}, 200),
        ("search", SEARCH | {"filter": {"page": {"$match_phrase": "a"}}}, 400),
        ("search", SEARCH | {"filter": {"channels": {"$in": ["C1"] * 10_001}}}, 400),
        ("search", SEARCH | {"filter": {"page": {"$gt": "one"}}}, 400),
        ("search", SEARCH | {"filter": {"page": 1}}, 400),
        ("search", SEARCH | {"rerank": True}, 400),
        ("fetch", {"filter": {"page": {"$gte": 0}}}, 200),
        ("fetch", {"filter": {"page": {"$gte": 0}}, "limit": 10_001}, 400),
        ("fetch", {"filter": {"page": {"$gte": 0}}, "ids": ["a"]}, 400),
        ("fetch", {}, 400),
        ("update", {"filter": {"page": {"$eq": 1}}, "set_fields": {"page": 2}}, 404),
        ("delete", {"filter": {"page": {"$eq": 1}}}, 404),
        ("delete", {"filter": {"page": {"$eq": 1}}, "delete_all": True}, 400),
        ("list", {"limit": 101}, 400),
        ("query", {}, 404),
    ],
)
async def test_pinecone_is_as_strict_as_it_is(
    pinecone: PineconeServer, verb: str, body: object, status: int
) -> None:
    path = f"/i/fm/namespaces/T1/documents/{verb}"
    assert await status_of(pinecone, path, body, PINECONE | {"Api-Key": "key"}) == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"set_fields": {"page": 2}}, 202),
        ({}, 400),
        ({"set_fields": {"page": None}}, 400),
        ({"set_fields": {"text": 3}}, 400),
        ({"set_fields": {"page": 2}, "remove_fields": ["page"]}, 400),
        ({"remove_fields": ["vector"]}, 400),
    ],
)
async def test_pinecone_looks_at_a_change_as_at_a_new_record(
    pinecone: PineconeServer, body: dict, status: int
) -> None:
    headers, path = PINECONE | {"Api-Key": "key"}, "/i/fm/namespaces/T1/documents/"
    await status_of(pinecone, path + "upsert", {"documents": [RECORD]}, headers)

    changed = {"filter": {"page": {"$gte": 0}}} | body
    assert await status_of(pinecone, path + "update", changed, headers) == status


async def test_pinecone_wants_its_key_and_its_version(pinecone: PineconeServer) -> None:
    path = "/i/fm/namespaces/T1/documents/search"
    assert await status_of(pinecone, path, SEARCH, PINECONE) == 401
    assert await status_of(pinecone, path, SEARCH, PINECONE | {"Api-Key": "other"}) == 401
    assert await status_of(pinecone, path, SEARCH, {"Api-Key": "key"}) == 400


async def test_a_classic_index_takes_no_documents(pinecone: PineconeServer) -> None:
    path = "/i/classic/namespaces/T1/documents/search"
    assert await status_of(pinecone, path, SEARCH, PINECONE | {"Api-Key": "key"}) == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "new", "schema": schema(8)}, 201),
        ({"name": "fm", "schema": schema(8)}, 409),
        ({"name": "Not_a_name", "schema": schema(8)}, 400),
        ({"name": "new", "schema": {"fields": {}}}, 422),
        ({"name": "new", "schema": {"fields": {"page": {"type": "float"}}}}, 422),
        ({"name": "new", "schema": {"fields": {"note": {"type": "string"}}}}, 400),
        ({"name": "new", "schema": schema(0)}, 400),
        ({"name": "new", "schema": schema(8), "dimension": 8}, 422),
    ],
)
async def test_an_index_is_created_only_as_it_may_be(
    pinecone: PineconeServer, body: object, status: int
) -> None:
    assert await status_of(pinecone, "/indexes", body, PINECONE | {"Api-Key": "key"}) == status
