"""The three requests of an installation. Every one of them ends in a page that says what to do next."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import FaultMavenError, InstallRefused, RetryLater
from bot.jobs.causes import causes
from bot.web.consent import back_of, base_of, secret_of, sent_away
from bot.web.oauth.pages import done_page, failed_page, install_page
from bot.web.plain import headers

log = structlog.get_logger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
COOKIE = "fm_install"
DENIED = ("Slack was told not to", "If that was a mistake, start again. Some workspaces let admins decide.")
BROKEN = ("Slack came back without what it should bring", "Start again from the install page.")
Scope = tuple[str, str, bool]
"""A scope, why it is asked for, and whether it is optional."""


class Granted(Protocol):
    """What the page of a success needs to know."""

    @property
    def workspace(self) -> str:
        """Its id."""
        ...

    @property
    def workspace_name(self) -> str:
        """As Slack shows it."""
        ...

    @property
    def app_id(self) -> str:
        """Ours at Slack."""
        ...


class Installer(Protocol):
    """Who does it. Each may raise InstallRefused, OperatorError, RetryLater."""

    async def begin(self, browser: str, redirect_uri: str) -> str:
        """Slack's page to go to."""
        ...

    async def give_up(self, browser: str, state: str) -> None:
        """Somebody said no there."""
        ...

    async def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> Granted:
        """Somebody said yes there."""
        ...


class InstallRoutes:
    """`public_url` as `base_of` takes it."""

    def __init__(
        self, installer: Installer, scopes: Sequence[Scope], *, public_url: str | None, slack_url: str
    ) -> None:
        self._installer = installer
        self._scopes = scopes
        self._public_url = public_url
        self._slack_url = slack_url

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        return [
            web.get(INSTALL, self._guarded(self._show)),
            web.post(INSTALL, self._guarded(self._begin)),
            web.get(REDIRECT, self._guarded(self._return)),
        ]

    async def _show(self, _: web.Request) -> web.StreamResponse:
        return _html(install_page(self._scopes, INSTALL))

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        browser = secret_of(request, COOKIE) or secrets.token_urlsafe(32)
        back = self._redirect_uri(request)
        there = await self._installer.begin(browser, back)
        return sent_away(there, COOKIE, browser, path="/slack", secure=back.startswith("https:"))

    async def _return(self, request: web.Request) -> web.StreamResponse:
        back = back_of(request, COOKIE)
        if back.error:
            await self._installer.give_up(back.browser, back.state)
            raise InstallRefused("denied", *(DENIED if back.error == "access_denied" else BROKEN))
        if not back.code:
            raise InstallRefused("no_code", *BROKEN)
        redirect_uri = self._redirect_uri(request)
        granted = await self._installer.finish(back.browser, back.state, back.code, redirect_uri)
        asked = urlencode({"app": granted.app_id, "team": granted.workspace})
        return _html(done_page(granted.workspace_name, f"{self._slack_url}/app_redirect?{asked}"))

    def _redirect_uri(self, request: web.Request) -> str:
        return f"{base_of(self._public_url, request)}{REDIRECT}"

    def _guarded(self, handler: Handler) -> Handler:
        """What goes wrong becomes a page; every page has the same headers."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except FaultMavenError as error:
                response = _failure(error)
            response.headers.update(headers(self._slack_url))
            return response

        return guarded


def _failure(error: FaultMavenError) -> web.Response:
    if isinstance(error, InstallRefused):
        log.info("installation_refused", code=error.code)
        return _html(failed_page(error.public_message, error.advice, INSTALL), HTTPStatus.BAD_REQUEST)
    log.error("installation_failed", causes=causes(error))
    if isinstance(error, RetryLater):
        page = failed_page(error.public_message, "Start again in a minute.", INSTALL)
        return _html(page, HTTPStatus.SERVICE_UNAVAILABLE)
    page = failed_page("Something is not set up as it should be here", "Tell whoever runs the bot.", INSTALL)
    return _html(page, HTTPStatus.INTERNAL_SERVER_ERROR)


def _html(page: str, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=page, content_type="text/html", charset="utf-8", status=status)
