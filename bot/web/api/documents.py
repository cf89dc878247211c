"""Documents by the API: uploaded, listed, looked at, deleted. What a key doesn't read is not there for it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from bot.documents.tables import Document
from bot.domain import ANYTHING, API_WORKSPACE, Conditions, DocumentId, FileId, Scope, Wanted
from bot.search.kinds import type_of
from bot.search.narrow import wanted
from bot.web.api.calls import Call, answer
from bot.web.api.models import DocumentPage, ListQuery
from bot.web.api.problems import ApiProblem
from bot.web.api.views import cursor_of, document_view, place_of


async def list_documents(call: Call) -> web.Response:
    """A page of them."""
    asked = call.query_as(ListQuery)
    scope = call.access.scope
    if asked.space is not None:
        space = call.key.space(asked.space)
        if space is None:
            raise no_space(asked.space)
        scope = replace(scope, channels=scope.channels & {space})
    async with call.services.transaction(reading=True) as tx:
        found = await tx.documents.listed(
            scope,
            _of_type(asked.type),
            status=asked.status,
            title=asked.title or "",
            after=place_of(asked.cursor) if asked.cursor else None,
            limit=asked.limit + 1,
        )
    page = found[: asked.limit]
    more = cursor_of(page[-1][0]) if len(found) > asked.limit else None
    views = [document_view(document, call.key.spaces[space]) for document, space in page]
    return answer(DocumentPage(documents=views, next_cursor=more))


async def get_document(call: Call) -> web.Response:
    """One of them."""
    document, space = await one(call)
    view = document_view(document, space)
    tag = f'"{sha256(view.model_dump_json().encode()).hexdigest()[:32]}"'
    if call.request.headers.get("If-None-Match") == tag:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return answer(view, headers={"ETag": tag})


async def delete_document(call: Call) -> web.Response:
    """Delete it for good."""
    document, _ = await one(call)
    await call.services.ingest.remove_file(API_WORKSPACE, FileId(document.file_id))
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def one(call: Call, document_id: str | None = None) -> tuple[Document, str]:
    """The document that is asked for and its space. Raises ApiProblem unless the key reads it."""
    wanted_id = DocumentId(document_id or call.request.match_info["document_id"])
    scope: Scope = replace(call.access.scope, documents=frozenset({wanted_id}))
    async with call.services.transaction(reading=True) as tx:
        found = await tx.documents.listed(scope, limit=1)
    if not found:
        raise ApiProblem(HTTPStatus.NOT_FOUND, "not_found", "There is no such document.")
    [(document, space)] = found
    return document, call.key.spaces[space]


def no_space(name: str) -> ApiProblem:
    """Whether there is a space that the key doesn't read is not told."""
    return ApiProblem(HTTPStatus.NOT_FOUND, "no_space", f"The key reads no space {name}.")


def _of_type(word: str | None) -> Wanted:
    if word is None:
        return ANYTHING
    kind = type_of(word)
    if kind is None:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_type", "There is no such type of files.")
    return wanted(Conditions(types=frozenset({kind})))
