"""The console's addresses: its page, what it reads every two seconds, and what one can do there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import structlog
from aiohttp import web

from bot.documents.repository import Transaction
from bot.documents.tables import Document
from bot.domain import UNDER_WAY, DocumentId, Status
from bot.ingest.forget import forget_file
from bot.ingest.pipeline import IngestPipeline
from bot.web.console import views
from bot.web.console.guard import COOKIE, LOGIN, SESSION, guard
from bot.web.console.sampling import Sampler
from bot.web.console.sessions import LASTS_S, Failures, Sessions

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"
MAX_BODY_BYTES = 16 * 1024
PAGE = 25
MAX_PAGES = 4_000
MAX_WORDS_CHARS = 100
INSIGHT_DAYS, QUESTIONS, VOTES = 30, 10, 20
DAY_S = 86_400.0
READ_ANEW_S = 1.0
"""However many look: what all see alike is read once a second."""
ALERT = "<!-- alert -->"

Health = Callable[[], Awaitable[Mapping[str, str]]]
"""What is wrong by dependency; "ok" where nothing is."""


@dataclass(slots=True)
class Console:
    """`shared` holds files of another page that this one uses, too, by the name they are asked for with."""

    token: str
    transaction: Transaction
    ingest: IngestPipeline
    sampler: Sampler
    health: Health
    shared: Mapping[str, Path]
    failures: Failures = field(default_factory=Failures)
    _overview: views.Json = field(default_factory=dict)
    _read_at: float = -READ_ANEW_S
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _sessions: Sessions = field(init=False)

    def application(self) -> web.Application:
        """To be mounted at `/console`."""
        self._sessions = Sessions(self.token)
        app = web.Application(middlewares=[guard(self._sessions)], client_max_size=MAX_BODY_BYTES)
        app.add_routes(
            [
                web.get("", self.index),
                web.get("/login", self.login_page),
                web.post("/login", self.login),
                web.post("/logout", self.logout),
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

    async def login_page(self, _request: web.Request) -> web.StreamResponse:
        """Asks for the token."""
        return await _login_form()

    async def login(self, request: web.Request) -> web.StreamResponse:
        """A session for whoever knows the token."""
        address = request.remote or ""
        if wait_s := self.failures.wait_s(address):
            seconds = str(int(wait_s) + 1)
            response = await _login_form(f"Too many wrong tokens. Try again in {seconds} s.", 429)
            response.headers["Retry-After"] = seconds
            return response
        form = await request.post()
        if not self._sessions.opens(str(form.get("token", ""))):
            self.failures.note(address)
            log.warning("console_login_refused", address=address)
            return await _login_form("That is not the token.", 401)
        log.info("console_login", address=address)
        entered = web.Response(status=303, headers={"Location": "/console"})
        entered.set_cookie(
            COOKIE,
            self._sessions.begin(),
            max_age=LASTS_S,
            path="/console",
            httponly=True,
            samesite="Strict",
            secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
        )
        return entered

    async def logout(self, _request: web.Request) -> web.StreamResponse:
        """The browser forgets its session."""
        left = web.json_response({"ok": True, "to": LOGIN})
        left.del_cookie(COOKIE, path="/console")
        return left

    async def overview(self, request: web.Request) -> web.Response:
        """All but the documents, and the proof that changes need."""
        async with self._reading:
            if time.monotonic() - self._read_at >= READ_ANEW_S:
                self._overview, self._read_at = await self._read(), time.monotonic()
        return web.json_response(self._overview | {"proof": self._sessions.proof(request[SESSION])})

    async def documents(self, request: web.Request) -> web.Response:
        """A page of documents: `status`, `words`, `page` from 1 on."""
        query = request.query
        status = Status(query["status"]) if query.get("status") in set(Status) else None
        number = query.get("page", "1")
        page = min(max(int(number), 1), MAX_PAGES) if number.isascii() and number.isdigit() else 1
        async with self.transaction(reading=True) as tx:
            listed = await tx.overview.overview(
                status=status,
                words=query.get("words", "").strip()[:MAX_WORDS_CHARS],
                limit=PAGE,
                offset=(page - 1) * PAGE,
            )
        shown = [views.document(one) for one in listed.documents]
        pages = max(-(-listed.total // PAGE), 1)
        return web.json_response({"documents": shown, "total": listed.total, "page": page, "pages": pages})

    async def retry(self, request: web.Request) -> web.Response:
        """Read a document again that isn't under way."""
        document = await self._document(request)
        if document.status in UNDER_WAY:
            return web.json_response({"error": "It is under way already."}, status=409)
        await self.ingest.retry(document)
        log.info("console_retry", document=document.id, address=request.remote)
        return web.json_response({"ok": True})

    async def forget(self, request: web.Request) -> web.Response:
        """Delete all of a document, for good."""
        document = await self._document(request)
        await forget_file(self.ingest, document)
        log.info("console_forget", document=document.id, address=request.remote)
        return web.json_response({"ok": True})

    async def _document(self, request: web.Request) -> Document:
        async with self.transaction(reading=True) as tx:
            document = await tx.documents.get(DocumentId(request.match_info["document"]))
        if document is None or document.tombstoned_at is not None:
            raise web.HTTPNotFound
        return document

    async def _read(self) -> views.Json:
        now = self.ingest.clock()
        health = await self.health()
        async with self.transaction(reading=True) as tx:
            counts = await tx.documents.counts_all()
            waiting = {
                "events": await tx.inbox.pending_count(),
                "parked": await tx.inbox.parked_count(),
                "questions": await tx.conversations.open_count(),
                "oldest_s": await tx.documents.oldest_pending_age(now=now) or 0.0,
            }
            found = await tx.insights.insights(None, since=now - INSIGHT_DAYS * DAY_S, limit=QUESTIONS)
            votes = await tx.searches.voted(VOTES)
        return {
            "now": now,
            "counts": {str(status): number for status, number in counts.items()},
            "waiting": waiting,
            "samples": [asdict(one) for one in self.sampler.samples],
            "health": dict(health),
            "insights": views.insights(found) | {"days": INSIGHT_DAYS},
            "votes": [views.vote(one) for one in votes],
        }


async def _login_form(alert: str = "", status: int = 200) -> web.Response:
    """`alert` are words of ours, never what somebody sent."""
    page = await asyncio.to_thread((STATIC / "login.html").read_text, encoding="utf-8")
    said = f'<p class="alert" role="alert">{alert}</p>' if alert else ""
    return web.Response(text=page.replace(ALERT, said), content_type="text/html", status=status)
