"""The operations of the API, each written once: routes, checks and the description are made of this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.domain import Right
from bot.web.api.models import (
    DocumentPage,
    DocumentView,
    ListQuery,
    NoQuery,
    SearchAnswer,
    SearchQuery,
    SearchRequest,
    Stats,
    UploadForm,
    UploadQuery,
)

ALWAYS = (401, 403, 404, 422, 429, 500, 503)
"""What may go wrong with any operation."""
DOCUMENTS, DOCUMENT = "/knowledge/documents", "/knowledge/documents/{document_id}"
IDEMPOTENCY_KEY = "^[!-~]{1,255}$"
SEARCH, STATS = "/knowledge/search", "/knowledge/stats"


@dataclass(frozen=True, slots=True)
class Operation:
    """`answers` are models by status, None for an empty body; `problems` further ones than ALWAYS."""

    name: str
    method: str
    path: str
    summary: str
    right: Right
    answers: Mapping[int, type[BaseModel] | None]
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    problems: tuple[int, ...] = ()
    headers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of the request, with what they are for and what they look like; none has to be there."""


UPLOAD = Operation(
    "uploadDocument",
    "POST",
    DOCUMENTS,
    "Have a file indexed",
    Right.WRITE,
    {202: DocumentView, 201: DocumentView},
    query=UploadQuery,
    form=UploadForm,
    problems=(400, 408, 413, 415),
    headers={
        "Idempotency-Key": (
            "The same key with the same upload is answered as the first time, for a day",
            IDEMPOTENCY_KEY,
        )
    },
)
LIST = Operation(
    "listDocuments",
    "GET",
    DOCUMENTS,
    "List documents, the newest first",
    Right.READ,
    {200: DocumentPage},
    query=ListQuery,
)
GET = Operation(
    "getDocument",
    "GET",
    DOCUMENT,
    "What became of a document",
    Right.READ,
    {200: DocumentView, 304: None},
    headers={
        "If-None-Match": ("The ETag that was answered before: 304 while nothing changed", '^"[0-9a-f]{32}"$')
    },
)
DELETE = Operation(
    "deleteDocument",
    "DELETE",
    DOCUMENT,
    "Delete a document, its text and all else",
    Right.DELETE,
    {204: None},
)
SEARCH_BODY = Operation(
    "search",
    "POST",
    SEARCH,
    "Search",
    Right.READ,
    {200: SearchAnswer},
    body=SearchRequest,
    problems=(400, 408, 413, 415),
)
SEARCH_ADDRESS = Operation(
    "searchByAddress", "GET", SEARCH, "Search", Right.READ, {200: SearchAnswer}, query=SearchQuery
)
GET_STATS = Operation(
    "getStats", "GET", STATS, "What there is, by space and status", Right.READ, {200: Stats}
)

OPERATIONS = (UPLOAD, LIST, GET, DELETE, SEARCH_BODY, SEARCH_ADDRESS, GET_STATS)
