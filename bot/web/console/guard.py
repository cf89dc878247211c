"""Keeps the console to who logged in: whatever is not named here as open needs a session."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.web.console.gate import WithSlack
from bot.web.console.sessions import Session, Sessions
from bot.web.headers import OF_PAGES, forms_to

log = structlog.get_logger(__name__)

COOKIE = "fm_console"
PROOF_HEADER = "X-Console-Proof"
LOGIN = "/console/login"
OPEN = ("/console/static/", LOGIN)
SESSION = web.RequestKey("session", Session)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def guard(sessions: Sessions, slack: WithSlack | None) -> Middleware:
    """The middleware of the console's application."""
    policy = f"{POLICY}; {forms_to(slack.slack_url if slack else None)}"
    headers = OF_PAGES | {"Content-Security-Policy": policy}

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await _refusal(request, sessions, slack) or await handler(request)
        except web.HTTPException as error:
            error.headers.update(headers)
            raise
        except FaultMavenError as error:
            log.warning("console_request_failed", path=request.path, causes=causes(error))
            response = web.json_response({"error": error.public_message}, status=503)
        response.headers.update(headers)
        return response

    return guarded


async def _refusal(
    request: web.Request, sessions: Sessions, slack: WithSlack | None
) -> web.StreamResponse | None:
    changes = request.method not in {"GET", "HEAD"}
    if changes and not _from_here(request):
        return web.json_response({"error": "This came from another site."}, status=403)
    if request.path.startswith(OPEN):
        return None
    session = sessions.read(request.cookies.get(COOKIE, ""))
    if session is None or not await _still_admitted(session, slack):
        if request.path == "/console" and not changes:
            raise web.HTTPSeeOther(LOGIN)
        return web.json_response({"error": "Log in first."}, status=401)
    if changes and not sessions.proves(session, request.headers.get(PROOF_HEADER, "")):
        return web.json_response({"error": "Load the page anew."}, status=403)
    request[SESSION] = session
    return None


async def _still_admitted(session: Session, slack: WithSlack | None) -> bool:
    return session.visitor is None or (slack is not None and await slack.gate.admits(session.visitor))


def _from_here(request: web.Request) -> bool:
    """Browsers name the site that a change comes from; programs needn't."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
