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
    """`answers` are models by status, None for an empty body; `problems` further ones than ALWAYS.

    `example` is a command with `$FM`, `$KEY` and `$ID`; a test runs it.
    """

    name: str
    method: str
    path: str
    summary: str
    right: Right
    example: str
    answers: Mapping[int, type[BaseModel] | None]
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    problems: tuple[int, ...] = ()
    headers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of the request, with what they are for and what they look like; none has to be there."""


def _curl(path: str, *more: str) -> str:
    asked = f'curl -sS "$FM/v1/knowledge{path}" -H "Authorization: Bearer $KEY"'
    return " \\\n  ".join([asked, *more])


UPLOAD = Operation(
    "uploadDocument",
    "POST",
    DOCUMENTS,
    "Have a file indexed",
    Right.WRITE,
    _curl("/documents?wait=true", '-H "Idempotency-Key: runbook-1" -F space=handbook -F file=@runbook.md'),
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
    _curl("/documents?space=handbook&status=indexed"),
    {200: DocumentPage},
    query=ListQuery,
)
GET = Operation(
    "getDocument",
    "GET",
    DOCUMENT,
    "What became of a document",
    Right.READ,
    _curl("/documents/$ID"),
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
    _curl("/documents/$ID", "-X DELETE"),
    {204: None},
)
SEARCH_BODY = Operation(
    "search",
    "POST",
    SEARCH,
    "Search",
    Right.READ,
    _curl("/search", """--json '{"query": "in:handbook type:markdown \\"read only\\" replica"}'"""),
    {200: SearchAnswer},
    body=SearchRequest,
    problems=(400, 408, 413, 415),
)
SEARCH_ADDRESS = Operation(
    "searchByAddress",
    "GET",
    SEARCH,
    "Search by an address",
    Right.READ,
    _curl("/search?query=read+only+replica&limit=3"),
    {200: SearchAnswer},
    query=SearchQuery,
)
GET_STATS = Operation(
    "getStats",
    "GET",
    STATS,
    "What there is, by space and status",
    Right.READ,
    _curl("/stats"),
    {200: Stats},
)

OPERATIONS = (UPLOAD, LIST, GET, DELETE, SEARCH_BODY, SEARCH_ADDRESS, GET_STATS)
