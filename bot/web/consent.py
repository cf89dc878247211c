"""To Slack's page and back in one browser: its secret in a cookie, and what Slack sends it back with."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

COOKIE_S = 600
"""As long as what was begun can be finished."""
MAX_CHARS = 1_000
"""Of a code, a state or a cookie; Slack's and ours are far shorter."""


@dataclass(frozen=True, slots=True)
class Back:
    """What a browser comes back with; empty is what it lacks, or what is too long to be Slack's or ours."""

    browser: str
    state: str
    code: str
    error: str


def base_of(public_url: str | None, request: web.Request) -> str:
    """Where browsers reach us; without a public address it is where they say they are: on loopback."""
    return public_url or f"http://{request.host}"


def sent_away(there: str, cookie: str, browser: str, *, path: str, secure: bool) -> web.Response:
    """The way to Slack's page; the browser keeps its secret for the way back."""
    answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": there})
    answer.set_cookie(
        cookie,
        browser,
        max_age=COOKIE_S,
        path=path,
        httponly=True,
        samesite="Lax",  # Slack sends the browser back from its own site
        secure=secure,
    )
    return answer


def secret_of(request: web.Request, cookie: str) -> str:
    """The browser's secret, if it has one."""
    return _short(request.cookies.get(cookie))


def back_of(request: web.Request, cookie: str) -> Back:
    """What Slack's page sent the browser back with."""
    query = request.query
    return Back(
        browser=secret_of(request, cookie),
        state=_short(query.get("state")),
        code=_short(query.get("code")),
        error=query.get("error", ""),
    )


def _short(value: str | None) -> str:
    return value if value and len(value) <= MAX_CHARS else ""
