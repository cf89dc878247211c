"""The console's addresses: its page, what it reads every two seconds, and what one can do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from aiohttp import web

from bot.documents.repository import Transaction
from bot.documents.tables import Document
from bot.domain import UNDER_WAY, DocumentId, Scope, Status, WorkspaceId
from bot.ingest.forget import forget_file
from bot.ingest.pipeline import IngestPipeline
from bot.web.console import views
from bot.web.console.gate import WithSlack
from bot.web.console.guard import SESSION, guard
from bot.web.console.login import STATIC, Login
from bot.web.console.overview import Health, Overview
from bot.web.console.sampling import Sampler
from bot.web.console.sessions import Sessions

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 16 * 1024
PAGE = 25
MAX_PAGES = 4_000
MAX_WORDS_CHARS = 100


@dataclass(slots=True)
class Console:
    """`shared` holds files of another page that this one uses, too, by the name they are asked for with."""

    token: str
    transaction: Transaction
    ingest: IngestPipeline
    sampler: Sampler
    health: Health
    shared: Mapping[str, Path]
    slack: WithSlack | None = None
    _sessions: Sessions = field(init=False)
    _overview: Overview = field(init=False)

    def application(self) -> web.Application:
        """To be mounted at `/console`."""
        self._sessions = Sessions(self.token)
        self._overview = Overview(self.transaction, self.ingest.clock, self.sampler, self.health)
        keeper = guard(self._sessions, self.slack)
        app = web.Application(middlewares=[keeper], client_max_size=MAX_BODY_BYTES)
        app.add_routes(
            [
                web.get("", self.index),
                *Login(self._sessions, self.slack).routes(),
                web.get("/static/shared/{name}", self.shared_file),
                web.get("/api/overview", self.overview),
                web.get("/api/documents", self.documents),
                web.post("/api/documents/{document}/retry", self.retry),
                web.post("/api/documents/{document}/forget", self.forget),
            ]
        )
        app.router.add_static("/static/", STATIC)
        return app

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """The page."""
        return web.FileResponse(STATIC / "index.html")

    async def shared_file(self, request: web.Request) -> web.StreamResponse:
        """A file that two pages use."""
        path = self.shared.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path)

    async def overview(self, request: web.Request) -> web.Response:
        """All but the documents, and the proof that changes need."""
        found = await self._overview.get(_workspace(request))
        return web.json_response(found | {"proof": self._sessions.proof(request[SESSION])})

    async def documents(self, request: web.Request) -> web.Response:
        """A page of documents: `status`, `words`, `page` from 1 on."""
        query = request.query
        status = Status(query["status"]) if query.get("status") in set(Status) else None
        number = query.get("page", "1")
        page = min(max(int(number), 1), MAX_PAGES) if number.isascii() and number.isdigit() else 1
        scope = await self._scope(request)
        async with self.transaction(reading=True) as tx:
            listed = await tx.overview.overview(
                status=status,
                words=query.get("words", "").strip()[:MAX_WORDS_CHARS],
                limit=PAGE,
                offset=(page - 1) * PAGE,
                scope=scope,
            )
        shown = [views.document(one, named=one.id in listed.named) for one in listed.documents]
        pages = max(-(-listed.total // PAGE), 1)
        return web.json_response({"documents": shown, "total": listed.total, "page": page, "pages": pages})

    async def retry(self, request: web.Request) -> web.Response:
        """Read a document again that isn't under way."""
        document = await self._document(request)
        if document.status in UNDER_WAY:
            return web.json_response({"error": "It is under way already."}, status=409)
        await self.ingest.retry(document)
        log.info("console_retry", document=document.id, **_who(request))
        return web.json_response({"ok": True})

    async def forget(self, request: web.Request) -> web.Response:
        """Delete all of a document, for good."""
        document = await self._document(request)
        await forget_file(self.ingest, document)
        log.info("console_forget", document=document.id, **_who(request))
        return web.json_response({"ok": True})

    async def _document(self, request: web.Request) -> Document:
        async with self.transaction(reading=True) as tx:
            document = await tx.documents.get(DocumentId(request.match_info["document"]))
        if document is None or document.tombstoned_at is not None:
            raise web.HTTPNotFound
        if _workspace(request) not in {None, document.workspace_id}:
            raise web.HTTPNotFound
        return document

    async def _scope(self, request: web.Request) -> Scope | None:
        visitor = request[SESSION].visitor
        return await self.slack.gate.scope(visitor) if self.slack and visitor else None


def _workspace(request: web.Request) -> WorkspaceId | None:
    """The one that this session is about; None for operators, who look after all."""
    visitor = request[SESSION].visitor
    return visitor.workspace if visitor else None


def _who(request: web.Request) -> dict[str, str | None]:
    visitor = request[SESSION].visitor
    return {"address": request.remote, "user": visitor.user if visitor else None}
