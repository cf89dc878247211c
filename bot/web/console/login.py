"""Coming in and going out: with the token, or with Slack where its app is known to us."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from pathlib import Path

import structlog
from aiohttp import web

from bot.domain import Visitor
from bot.errors import FaultMavenError, RetryLater, SignInRefused
from bot.jobs.causes import causes
from bot.web.consent import back_of, base_of, sent_away
from bot.web.console.gate import WithSlack
from bot.web.console.guard import COOKIE, LOGIN
from bot.web.console.sessions import LASTS_S, Failures, Sessions

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"
WITH_SLACK = "/slack"
SIGN_IN_COOKIE = "fm_console_sign_in"
ALERT, OTHER_WAY = "<!-- alert -->", "<!-- slack -->"
BUTTON = (
    f'<form class="with-slack" method="post" action="{LOGIN}{WITH_SLACK}">'
    '<button type="submit" class="button">Sign in with Slack</button>'
    '<p class="faint">For admins and owners of a workspace: they see what is theirs.</p></form>'
)
DENIED = ("denied", "Slack was told not to", "If that was a mistake, sign in again.")
BROKEN = ("broken", "Slack came back without what it should bring", "Sign in again.")
NO_ADMIN = ("no_admin", "Only admins and owners of a workspace that has me come in here", "")


@dataclass(slots=True)
class Login:
    """The addresses that need no session."""

    sessions: Sessions
    slack: WithSlack | None
    failures: Failures = field(default_factory=Failures)

    def routes(self) -> list[web.RouteDef]:
        """Below /console."""
        routes = [
            web.get("/login", self.page),
            web.post("/login", self.with_token),
            web.post("/logout", self.out),
        ]
        if self.slack:
            routes += [
                web.post(f"/login{WITH_SLACK}", self.to_slack),
                web.get(f"/login{WITH_SLACK}", self.from_slack),
            ]
        return routes

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """Asks for the token, or to sign in."""
        return await self._form()

    async def with_token(self, request: web.Request) -> web.StreamResponse:
        """A session for whoever knows the token."""
        address = request.remote or ""
        if wait_s := self.failures.wait_s(address):
            seconds = str(int(wait_s) + 1)
            response = await self._form(f"Too many wrong tokens. Try again in {seconds} s.", 429)
            response.headers["Retry-After"] = seconds
            return response
        form = await request.post()
        if not self.sessions.opens(str(form.get("token", ""))):
            self.failures.note(address)
            log.warning("console_login_refused", address=address)
            return await self._form("That is not the token.", 401)
        log.info("console_login", address=address)
        entered = web.Response(status=303, headers={"Location": "/console"})
        self._remember(request, entered, None)
        return entered

    async def out(self, _request: web.Request) -> web.StreamResponse:
        """The browser forgets its session."""
        left = web.json_response({"ok": True, "to": LOGIN})
        left.del_cookie(COOKIE, path="/console")
        return left

    async def to_slack(self, request: web.Request) -> web.StreamResponse:
        """The way to Slack's page, for this browser."""
        slack, browser = self._slack(), secrets.token_urlsafe(32)
        try:
            there = await slack.sign_in.begin(browser, _back(slack, request))
        except FaultMavenError as error:
            return await self._refused(request, error)
        return sent_away(there, SIGN_IN_COOKIE, browser, path=LOGIN, secure=_by_https(request))

    async def from_slack(self, request: web.Request) -> web.StreamResponse:
        """Back from Slack's page: a session for an admin, a reason for anybody else."""
        try:
            visitor = await self._visitor(request)
        except FaultMavenError as error:
            return await self._refused(request, error)
        log.info("console_sign_in", workspace=visitor.workspace, user=visitor.user, address=request.remote)
        # A page of ours goes on to the console: the cookie is not sent on the way from another site.
        entered = web.FileResponse(STATIC / "entered.html")
        self._remember(request, entered, visitor)
        entered.del_cookie(SIGN_IN_COOKIE, path=LOGIN)
        return entered

    async def _visitor(self, request: web.Request) -> Visitor:
        slack, back = self._slack(), back_of(request, SIGN_IN_COOKIE)
        if back.error:
            await slack.sign_in.give_up(back.browser, back.state)
            raise SignInRefused(*(DENIED if back.error == "access_denied" else BROKEN))
        if not back.code:
            raise SignInRefused(*BROKEN)
        visitor = await slack.sign_in.finish(back.browser, back.state, back.code, _back(slack, request))
        if not await slack.gate.newly_admits(visitor):
            log.warning("console_sign_in_no_admin", workspace=visitor.workspace, user=visitor.user)
            raise SignInRefused(*NO_ADMIN)
        return visitor

    async def _refused(self, request: web.Request, error: FaultMavenError) -> web.Response:
        if isinstance(error, SignInRefused):
            log.warning("console_sign_in_refused", code=error.code, address=request.remote)
            status = HTTPStatus.FORBIDDEN if error.code == "no_admin" else HTTPStatus.BAD_REQUEST
            return await self._form(f"{error.public_message}. {error.advice}".strip(), status)
        log.error("console_sign_in_failed", causes=causes(error))
        if isinstance(error, RetryLater):
            return await self._form("Slack can't be asked just now. Try again in a minute.", 503)
        return await self._form(
            "Something is not set up as it should be here. Tell whoever runs the bot.", 500
        )

    async def _form(self, alert: str = "", status: int = 200) -> web.Response:
        page = await asyncio.to_thread((STATIC / "login.html").read_text, encoding="utf-8")
        said = f'<p class="alert" role="alert">{escape(alert)}</p>' if alert else ""
        page = page.replace(ALERT, said).replace(OTHER_WAY, BUTTON if self.slack else "")
        return web.Response(text=page, content_type="text/html", status=status)

    def _remember(self, request: web.Request, entered: web.StreamResponse, visitor: Visitor | None) -> None:
        entered.set_cookie(
            COOKIE,
            self.sessions.begin(visitor),
            max_age=LASTS_S,
            path="/console",
            httponly=True,
            samesite="Strict",
            secure=_by_https(request),
        )

    def _slack(self) -> WithSlack:
        if self.slack is None:
            raise web.HTTPNotFound
        return self.slack


def _back(slack: WithSlack, request: web.Request) -> str:
    """Where Slack sends the browser back to; one of the app's Redirect URLs."""
    return f"{base_of(slack.public_url, request)}{LOGIN}{WITH_SLACK}"


def _by_https(request: web.Request) -> bool:
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
