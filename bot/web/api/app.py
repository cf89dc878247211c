"""The API as a web application of its own, to be mounted under /v1."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import cache

from aiohttp import web

from bot.web.api.calls import Perform, handler_of
from bot.web.api.documents import delete_document, get_document, list_documents
from bot.web.api.openapi import description
from bot.web.api.operations import (
    DELETE,
    GET,
    GET_STATS,
    LIST,
    OPERATIONS,
    SEARCH_ADDRESS,
    SEARCH_BODY,
    UPLOAD,
)
from bot.web.api.problems import PRIVATE, problems
from bot.web.api.reference import reference
from bot.web.api.search import get_stats, search_by_address, search_by_body
from bot.web.api.services import Services
from bot.web.api.store import upload_document
from bot.web.plain import headers

PERFORM: Mapping[str, Perform] = {
    UPLOAD.name: upload_document,
    LIST.name: list_documents,
    GET.name: get_document,
    DELETE.name: delete_document,
    SEARCH_BODY.name: search_by_body,
    SEARCH_ADDRESS.name: search_by_address,
    GET_STATS.name: get_stats,
}

DOCS = "/knowledge/docs"


def knowledge_api(services: Services) -> web.Application:
    """Routes for each operation, and the description, which everybody may read: as JSON and as a page."""

    async def openapi(_: web.Request) -> web.Response:
        described, _page = await asyncio.to_thread(_described, services.version)
        return web.json_response(text=described, headers=PRIVATE)

    async def docs(_: web.Request) -> web.Response:
        _json, page = await asyncio.to_thread(_described, services.version)
        return web.Response(text=page, content_type="text/html", headers=headers())

    async def close(_: web.Application) -> None:
        services.changes.close()

    app = web.Application(middlewares=[problems])
    app.router.add_get("/openapi.json", openapi, allow_head=False)
    app.router.add_get(DOCS, docs, allow_head=False)
    for operation in OPERATIONS:
        handler = handler_of(operation, PERFORM[operation.name], services)
        app.router.add_route(operation.method, operation.path, handler)
    app.on_shutdown.append(close)
    return app


@cache
def _described(version: str) -> tuple[str, str]:
    """As JSON and as a page: made when first asked for, which takes longer than the rest of the routes."""
    described = description(version)
    return json.dumps(described), reference(described)
