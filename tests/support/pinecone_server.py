"""A strict double of Pinecone (API 2026-07) on loopback: the control plane, and document indexes.

It refuses what its OpenAPI description and its limits refuse. `lag` makes changes show only after so
many reads of their namespace, as an index that is eventually consistent does. Pinecone does not say
whether an update by filter reaches records that were written before it and don't show yet: to a
`shortsighted` double they are not there. A new index is ready when it was described `preparing` times.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web
from pinecone._internal.http_client import get_budget_registry

from support.pinecone_store import (
    Document,
    Matcher,
    Namespace,
    by_text,
    by_vector,
    lucene,
    tokens_of,
)
from support.vendor_server import Json, Refused, VendorServer, require

VERSION = "2026-07"
MAX_REQUEST_BYTES, MAX_METADATA_BYTES, MAX_FIELD_BYTES = 2_000_000, 40_000, 100_000
MAX_TOKENS, MAX_QUERY_BYTES, MAX_TOP_K, MAX_ANSWER_BYTES = 10_000, 10_000, 10_000, 4_000_000
MAX_DOCUMENTS, MAX_LISTED = 1_000, 100
INDEX_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?")
RECORD_ID = re.compile(r"[\x01-\x7f]{1,512}")
CODES = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 409: "ALREADY_EXISTS", 413: "PAYLOAD_TOO_LARGE"}
CLASSIC_SCHEMA = {"fields": {"_values": {"type": "dense_vector", "dimension": 32, "metric": "cosine"}}}
DATA = re.compile(r"/i/(?P<index>[^/]+)/namespaces/(?P<namespace>[^/]+)/documents/(?P<verb>\w+)")


@dataclass
class Index:
    name: str
    schema: dict[str, Any]
    tags: dict[str, str] | None
    lag: int
    ready: bool = True
    namespaces: dict[str, Namespace] = field(default_factory=dict)

    @property
    def full_text(self) -> set[str]:
        return {
            name for name, one in self.schema["fields"].items() if one.get("full_text_search") is not None
        }

    @property
    def vectors(self) -> dict[str, int]:
        fields = self.schema["fields"].items()
        return {name: one["dimension"] for name, one in fields if one["type"] == "dense_vector"}

    def namespace(self, name: str) -> Namespace:
        return self.namespaces.get(name) or Namespace(self.lag)


class PineconeServer(VendorServer):
    def __init__(
        self, key: str = "pc-test-key", *, lag: int = 0, shortsighted: bool = False, preparing: int = 0
    ) -> None:
        super().__init__()
        self.preparing = preparing
        self.key = key
        self.lag = lag
        self.shortsighted = shortsighted
        self.indexes: dict[str, Index] = {}
        self.counted: dict[str, int] = defaultdict(int)
        self._counted_more = asyncio.Condition()

    async def __aenter__(self) -> Self:
        # The SDK stops repeating requests to a host that failed often, for all of a process. Each double
        # is a host of its own, but for the name.
        get_budget_registry()._reset()
        return await super().__aenter__()

    def add_index(
        self, name: str, schema: dict[str, Any] = CLASSIC_SCHEMA, tags: dict[str, str] | None = None
    ) -> Index:
        return self.indexes.setdefault(name, Index(name, schema, tags, self.lag))

    def host(self, name: str) -> str:
        return f"{self.url}/i/{name}"

    def settle(self) -> None:
        """All changes so far show from now on."""
        for index in self.indexes.values():
            for namespace in index.namespaces.values():
                namespace.settle()

    def records(self, index: str, namespace: str) -> dict[str, Document]:
        self.settle()
        return self.indexes[index].namespace(namespace).documents

    async def until(self, verb: str, count: int) -> None:
        """Wait for so many requests of a kind."""
        async with asyncio.timeout(10), self._counted_more:
            await self._counted_more.wait_for(lambda: self.counted[verb] >= count)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Api-Key") != self.key:
            return web.Response(status=401, text="Unauthorized")
        version = request.headers.get("X-Pinecone-Api-Version")
        require(version == VERSION, f"unsupported API version {version}")
        if request.path == "/indexes" or request.path.startswith("/indexes/"):
            return await self._control(request)
        found = DATA.fullmatch(request.path)
        require(request.method == "POST" and found is not None, "not found", 404)
        assert found is not None
        require(found["index"] in self.indexes, "index not found", 404)
        index = self.indexes[found["index"]]
        classic = not index.full_text and not set(index.vectors) - {"_values"}
        require(not classic, "This index is served by the vectors API: use /vectors/upsert and /query")
        body = await self.body_of(request)
        verbs = {
            "upsert": self._upsert,
            "search": self._search,
            "fetch": self._fetch,
            "update": self._update,
            "delete": self._delete,
            "list": self._list,
        }
        require(found["verb"] in verbs, "not found", 404)
        size = request.content_length or 0
        require(size <= MAX_REQUEST_BYTES, "the request is larger than 2 MB", 413)
        answer = verbs[found["verb"]](index, unquote(found["namespace"]), body)
        async with self._counted_more:
            self.counted[found["verb"]] += 1
            self._counted_more.notify_all()
        status = 200 if found["verb"] in {"search", "fetch", "list"} else 202
        response = web.json_response(answer, status=status)
        require(len(response.body or b"") <= MAX_ANSWER_BYTES, "the answer is larger than 4 MB")
        return response

    def refusal(self, refused: Refused) -> web.StreamResponse:
        error = {"code": CODES.get(refused.status, "UNKNOWN"), "message": refused.message}
        return web.json_response({"status": refused.status, "error": error}, status=refused.status)

    # The control plane

    async def _control(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST" and request.path == "/indexes":
            return web.json_response(self._create(await self.body_of(request)), status=201)
        require(request.method == "GET", "not found", 404)
        if request.path == "/indexes":
            return web.json_response({"indexes": [self._described(one) for one in self.indexes.values()]})
        name = request.path.removeprefix("/indexes/")
        require(name in self.indexes, f"Resource {name} not found", 404)
        self.counted["describe"] += 1
        if not self.indexes[name].ready:
            self.preparing -= 1
            self.indexes[name].ready = self.preparing <= 0
        return web.json_response(self._described(self.indexes[name]))

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        known = {"name", "schema", "deployment", "read_capacity", "deletion_protection", "tags", "cmek_id"}
        require(set(body) <= known, "unknown field", 422)
        name = body.get("name", "")
        require(INDEX_NAME.fullmatch(name), "Name must consist of lower case letters, digits and hyphens")
        require(name not in self.indexes, f"Resource {name} already exists", 409)
        fields = body.get("schema", {}).get("fields")
        require(isinstance(fields, dict) and fields, "schema.fields is required", 422)
        kinds = [_checked_field(one) for one in fields.values()]
        require(kinds.count("dense_vector") <= 1, "at most one dense_vector field")
        self.counted["create"] += 1
        index = self.add_index(name, body["schema"], body.get("tags"))
        index.ready = not self.preparing
        return self._described(index)

    def _described(self, index: Index) -> dict[str, Any]:
        deployment = {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"}
        return {
            "name": index.name,
            "host": self.host(index.name).removeprefix("http://"),
            "status": {"ready": index.ready, "state": "Ready" if index.ready else "Initializing"},
            "schema": index.schema,
            "deployment": deployment,
            "deletion_protection": "disabled",
            "read_capacity": {"mode": "OnDemand", "status": {"state": "Ready"}},
            "tags": index.tags,
        }

    # Documents

    def _upsert(self, index: Index, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"documents"})
        documents = body.get("documents")
        require(isinstance(documents, list) and documents, "'documents' must be a non-empty list")
        assert isinstance(documents, list)
        require(len(documents) <= MAX_DOCUMENTS, "more than 1000 documents")
        for document in documents:
            _checked_document(index, document)
        ids = [document["_id"] for document in documents]
        require(len(set(ids)) == len(ids), "duplicate _id")
        namespace = index.namespaces.setdefault(name, Namespace(index.lag))

        def apply() -> None:
            for document in documents:
                namespace.put(document, index.full_text)

        namespace.change(apply)
        return {"upserted_count": len(documents)}

    def _search(self, index: Index, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"score_by", "top_k", "include_fields", "filter"})
        namespace = index.namespace(name)
        namespace.read()
        top_k = body.get("top_k")
        require(isinstance(top_k, int) and 1 <= top_k <= MAX_TOP_K, "'top_k' is between 1 and 10000")
        scores = self._scores(index, namespace, body.get("score_by"))
        if "filter" in body:
            matcher = Matcher(namespace, index.full_text, set(index.vectors), text=True)
            matcher.check(body["filter"])
            scores = {
                key: score
                for key, score in scores.items()
                if matcher.holds(namespace.documents[key], body["filter"])
            }
        best = sorted(scores, key=lambda key: (-scores[key], key))[:top_k]
        fields = body.get("include_fields") or []
        matches = [{"_score": scores[key]} | _shown(namespace.documents[key], fields) for key in best]
        return {"matches": matches, "namespace": name, "usage": {"read_units": 1}}

    def _scores(self, index: Index, namespace: Namespace, clauses: Json) -> dict[str, float]:
        require(isinstance(clauses, list) and 1 <= len(clauses) <= 100, "'score_by' has 1 to 100 clauses")
        kinds = [clause.get("type") for clause in clauses]
        alone = len(kinds) == 1 or set(kinds) <= {"text", "query_string"}
        require(alone, "a vector clause must appear alone in 'score_by'")
        if kinds == ["dense_vector"]:
            return self._vector_scores(index, namespace, clauses[0])
        searches: dict[str, list[list[str]]] = defaultdict(list)
        for clause in clauses:
            query = clause.get("query", "")
            require(isinstance(query, str) and bool(query.strip()), "'query' must not be empty")
            require(len(query.encode()) <= MAX_QUERY_BYTES, "'query' is larger than 10 KB")
            if clause["type"] == "text":
                _only(clause, {"type", "query", "fields"})
                fields = clause.get("fields") or []
                require(fields and set(fields) <= index.full_text, f"not all text fields: {fields}")
                for one in fields:
                    searches[one] += [[token] for token in tokens_of(query)]
            else:
                require(clause["type"] == "query_string", f"unknown clause {clause['type']}")
                _only(clause, {"type", "query"})
                for one, phrases in lucene(query, index.full_text).items():
                    searches[one] += phrases
        return by_text(namespace, searches)

    def _vector_scores(self, index: Index, namespace: Namespace, clause: Json) -> dict[str, float]:
        _only(clause, {"type", "field", "fields", "values"})
        names = clause.get("fields") or [clause.get("field")]
        require(len(names) == 1 and names[0] in index.vectors, f"not a vector field: {names}")
        values = clause.get("values") or []
        require(len(values) == index.vectors[names[0]], "the vector has another dimension")
        return by_vector(namespace, names[0], values)

    def _fetch(self, index: Index, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"ids", "filter", "include_fields", "pagination_token", "limit"})
        require(("ids" in body) != ("filter" in body), "exactly one of 'ids' and 'filter'")
        namespace = index.namespace(name)
        namespace.read()
        limit = body.get("limit", MAX_LISTED)
        require(1 <= limit <= MAX_TOP_K, "'limit' is between 1 and 10000")
        if "ids" in body:
            require(len(body["ids"]) <= MAX_DOCUMENTS, "more than 1000 ids")
            found = [key for key in body["ids"] if key in namespace.documents]
            following = None
        else:
            matched = sorted(self._matched(index, namespace, body["filter"], text=True))
            found, following = _page(matched, body.get("pagination_token"), limit)
        fields = body.get("include_fields") or ["*"]
        answer: dict[str, Any] = {
            "documents": {key: _shown(namespace.documents[key], fields) for key in found},
            "namespace": name,
            "usage": {"read_units": 1},
        }
        return answer | ({"pagination": {"next": following}} if following else {})

    def _update(self, index: Index, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"filter", "set_fields", "remove_fields"})  # patches by id are not used here
        require(name in index.namespaces, "Namespace not found", 404)
        namespace = index.namespaces[name]
        fields, absent = body.get("set_fields") or {}, body.get("remove_fields") or []
        require(fields or absent, "an update must change something")
        require(not set(fields) & set(absent), "a field is both set and removed")
        require(not set(absent) & set(index.vectors), "a required field can't be removed")
        for field_name, value in fields.items():
            _checked_value(index, field_name, value)
        matched = self._matched(index, namespace, body.get("filter"), text=False)

        def apply() -> None:
            found = self._matched(index, namespace, body["filter"], text=False)
            for key in matched if self.shortsighted else found:
                held = {one: v for one, v in namespace.documents[key].items() if one not in absent}
                namespace.put(held | fields, index.full_text)

        namespace.change(apply)
        return {"matched_records": len(matched)}

    def _delete(self, index: Index, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"ids", "filter", "delete_all"})
        require(len(body) == 1, "exactly one of 'ids', 'filter' and 'delete_all'")
        require(name in index.namespaces, "Namespace not found", 404)
        require("filter" in body, "this double deletes by filter alone")
        namespace = index.namespaces[name]
        matched = self._matched(index, namespace, body["filter"], text=False)

        def apply() -> None:
            for key in self._matched(index, namespace, body["filter"], text=False):
                namespace.remove(key)

        namespace.change(apply)
        return {"matched_records": len(matched)}

    def _list(self, index: Index, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, {"prefix", "limit", "pagination_token"})
        limit = body.get("limit", MAX_LISTED)
        require(1 <= limit <= MAX_LISTED, "'limit' is between 1 and 100")
        namespace = index.namespace(name)
        namespace.read()
        keys = sorted(key for key in namespace.documents if key.startswith(body.get("prefix", "")))
        found, following = _page(keys, body.get("pagination_token"), limit)
        answer: dict[str, Any] = {
            "documents": [{"_id": key} for key in found],
            "namespace": name,
            "usage": {"read_units": 1},
        }
        return answer | ({"pagination": {"next": following}} if following else {})

    def _matched(self, index: Index, namespace: Namespace, wanted: Json, *, text: bool) -> list[str]:
        matcher = Matcher(namespace, index.full_text, set(index.vectors), text=text)
        matcher.check(wanted)
        return [key for key, document in namespace.documents.items() if matcher.holds(document, wanted)]


def _checked_field(one: dict[str, Any]) -> str:
    kind = one.get("type")
    if kind == "dense_vector":
        require(1 <= one.get("dimension", 0) <= 20_000, "dimension is between 1 and 20000")
        require(one.get("metric") in {"cosine", "dotproduct", "euclidean"}, "unknown metric")
        _only(one, {"type", "dimension", "metric", "description"})
    else:
        require(kind == "string", f"field type {kind} is not accepted", 422)
        require(one.get("full_text_search") is not None, "a string field needs a search configuration")
        _only(one, {"type", "full_text_search", "description"})
        _only(one["full_text_search"], {"language", "stemming", "stop_words", "ngram"})
    return str(kind)


def _checked_document(index: Index, document: Json) -> None:
    require(isinstance(document, dict), "a document is an object")
    key = document.get("_id")
    require(isinstance(key, str) and RECORD_ID.fullmatch(key), "'_id' is 1-512 ASCII characters")
    require(not set(index.vectors) - set(document), f"document {key} lacks a vector")
    metadata = 0
    for name, value in document.items():
        if name != "_id":
            _checked_value(index, name, value)
            metadata += 0 if name in index.full_text | set(index.vectors) else len(str(value)) + len(name)
    require(metadata <= MAX_METADATA_BYTES, f"document {key} has more than 40 KB of metadata")


def _checked_value(index: Index, name: str, value: Json) -> None:
    require(not name.startswith(("_", "$")) and len(name.encode()) <= 64, f"bad field name {name}")
    if name in index.vectors:
        require(isinstance(value, list) and len(value) == index.vectors[name], "wrong dimension")
        require(any(value), "a vector must have a value that is not zero")
    elif name in index.full_text:
        require(isinstance(value, str), f"{name} must be a string")
        require(len(value.encode()) <= MAX_FIELD_BYTES, f"{name} is larger than 100 KB")
        require(len(tokens_of(value)) <= MAX_TOKENS, f"{name} has more than 10000 tokens")
    elif isinstance(value, list):
        require(all(isinstance(one, str) for one in value), f"{name}: only lists of strings are metadata")
    else:
        require(isinstance(value, (str, bool, int, float)), f"{name}: null and objects are not metadata")


def _shown(document: Document, fields: list[str]) -> Document:
    if "*" in fields:
        return dict(document)
    return {name: value for name, value in document.items() if name == "_id" or name in fields}


def _page(keys: list[str], token: str | None, limit: int) -> tuple[list[str], str | None]:
    start = int(base64.b64decode(token)) if token else 0
    more = start + limit < len(keys)
    return keys[start : start + limit], base64.b64encode(
        str(start + limit).encode()
    ).decode() if more else None


def _only(body: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(body) - known)
    require(not unknown, f"unknown field {unknown}")
