"""Several workspaces at one address, which one app installs by OAuth: authorize page, codes, tokens.

Example::

    async with SlackHost.serve(Playground(delivery="http", team_id="T1"), …) as host:
        # start the bot with host.api_url, host.client_id, host.client_secret, host.signing_secret
        host.redirect_uris.add(f"{bot.url}/slack/oauth_redirect")

`host.openid` is Sign in with Slack.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from typing import Self
from urllib.parse import urlencode

from aiohttp import web

from bot.playground.model import Json
from bot.playground.openid import AUTHORIZE, TOKEN, USER_INFO, OpenId
from bot.playground.refusal import Refusal
from bot.playground.server import Playground

CODE_S = 600.0
ACCESS = "oauth.v2.access"
LIFETIME_S = 43_200


@dataclass(slots=True)
class _Code:
    """What somebody allowed; good once, for the address that it was sent to."""

    slack: Playground
    redirect_uri: str
    scopes: str
    expires_at: float
    used: bool = False


class SlackHost:
    """`rotates`: tokens expire, and come with a token for the next one. `redirect_uris` are the app's."""

    def __init__(self, *workspaces: Playground) -> None:
        self.workspaces = {slack.workspace.team_id: slack for slack in workspaces}
        self.client_id = f"{secrets.randbelow(10**10)}.{secrets.randbelow(10**12)}"
        self.client_secret = secrets.token_hex(16)
        self.signing_secret = workspaces[0].signing_secret
        self.redirect_uris: set[str] = set()
        self.rotates = False
        self.withhold: set[str] = set()
        self.origin = ""
        self.accesses: list[str] = []
        self.openid = OpenId(self)
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, Playground] = {}
        for slack in workspaces:
            slack.signing_secret = self.signing_secret
            slack.workspace.uninstalled = True
            slack.belong_to(workspaces[0])

    @classmethod
    @asynccontextmanager
    async def serve(cls, *workspaces: Playground) -> AsyncIterator[Self]:
        """Listen on loopback until the block ends."""
        host = cls(*workspaces)
        app = web.Application(client_max_size=workspaces[0].max_upload_bytes)
        app.router.add_get("/oauth/v2/authorize", host._ask)
        app.router.add_post("/oauth/v2/authorize", host._decide)
        app.router.add_get(AUTHORIZE, host.openid.ask)
        app.router.add_post(AUTHORIZE, host.openid.decide)
        app.router.add_route("*", "/api/{method}", host._api)
        for team, slack in host.workspaces.items():
            app.add_subapp(f"/{team}", slack.web_app())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
            for team, slack in host.workspaces.items():
                slack.workspace.origin = f"{host.origin}/{team}"
            yield host
        finally:
            for slack in host.workspaces.values():
                await slack.close()
            await runner.cleanup()

    @property
    def api_url(self) -> str:
        """For SLACK_API_URL."""
        return f"{self.origin}/api/"

    def expire_codes(self) -> None:
        """Ten minutes pass at Slack."""
        for code in self._codes.values():
            code.expires_at = 0.0

    async def _ask(self, request: web.Request) -> web.Response:
        """The page on which somebody chooses a workspace and allows or cancels."""
        self._checked(request)
        choices = "".join(
            f'<button name="team" value="{escape(team)}">Allow in {escape(slack.workspace.name)}</button>'
            for team, slack in self.workspaces.items()
        )
        page = (
            f'<!DOCTYPE html><title>Slack</title><form method="post">{choices}<button>Cancel</button></form>'
        )
        return web.Response(text=page, content_type="text/html")

    async def _decide(self, request: web.Request) -> web.Response:
        redirect_uri = self._checked(request)
        team = str((await request.post()).get("team", ""))
        answer = {"error": "access_denied", "state": request.query["state"]}
        if team:
            code = f"{secrets.token_hex(12)}"
            granted = [one for one in request.query["scope"].split(",") if one not in self.withhold]
            self._codes[code] = _Code(
                self.workspaces[team], redirect_uri, ",".join(granted), time.time() + CODE_S
            )
            answer = {"code": code, "state": request.query["state"]}
        return web.Response(status=302, headers={"Location": f"{redirect_uri}?{urlencode(answer)}"})

    def _checked(self, request: web.Request) -> str:
        """The address to go back to. Slack shows an error of its own for what is wrong here."""
        asked = request.query
        allowed = next(iter(self.workspaces.values())).manifest.scopes
        fine = (
            asked.get("client_id") == self.client_id
            and asked.get("redirect_uri") in self.redirect_uris
            and asked.get("state")
            and set(asked.get("scope", "").split(",")) <= allowed
        )
        if not fine:
            raise web.HTTPBadRequest(text="Slack: something is wrong with this request")
        return asked["redirect_uri"]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] == ACCESS:
            return await self._access(request)
        if request.match_info["method"] in {TOKEN, USER_INFO}:
            return await self.openid.call(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        slacks = list(self.workspaces.values())
        slack = next((slack for slack in slacks if token in {slack.bot_token, slack.app_token}), slacks[0])
        return await slack.web_api.handle(request)

    async def _access(self, request: web.Request) -> web.Response:
        fault = next(iter(self.workspaces.values())).faults.take(ACCESS)
        if fault and fault.status:
            return web.Response(status=fault.status)
        try:
            self.check_app(request)
            given = {name: str(value) for name, value in (await request.post()).items()}
            body = self._refreshed(given) if given.get("grant_type") else self._exchanged(given)
        except Refusal as refusal:
            body = refusal.body
        self.accesses.append(body.get("error", "ok"))
        return web.json_response(body)

    def check_app(self, request: web.Request) -> None:
        """Raise Refusal for a request that doesn't show the app's own secret."""
        scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
        client_id, _, secret = base64.b64decode(coded or "").decode().partition(":")
        if scheme != "Basic" or client_id != self.client_id:
            raise Refusal("invalid_client_id")
        if secret != self.client_secret:
            raise Refusal("bad_client_secret")

    def _exchanged(self, given: dict[str, str]) -> Json:
        code = self._codes.get(given.get("code", ""))
        if code is None or code.expires_at <= time.time():
            raise Refusal("invalid_code")
        if code.used:
            raise Refusal("code_already_used")
        if given.get("redirect_uri") != code.redirect_uri:
            raise Refusal("bad_redirect_uri")
        code.used = True
        return self._installed(code.slack, code.scopes)

    def _refreshed(self, given: dict[str, str]) -> Json:
        slack = self._refresh.pop(given.get("refresh_token", ""), None)
        if slack is None or given["grant_type"] != "refresh_token":
            raise Refusal("invalid_refresh_token")
        return self._installed(slack, ",".join(sorted(slack.manifest.scopes)))

    def _installed(self, slack: Playground, scopes: str) -> Json:
        workspace = slack.workspace
        workspace.uninstalled = False
        slack.tokens.bot = f"xoxb-{workspace.team_id}-{secrets.token_hex(12)}"
        body: Json = {
            "ok": True,
            "access_token": slack.bot_token,
            "token_type": "bot",
            "scope": scopes,
            "bot_user_id": slack.bot_user,
            "app_id": workspace.app_id,
            "team": {"id": workspace.team_id, "name": workspace.name},
            "enterprise": None,
            "authed_user": {"id": "U0INSTALLER"},
            "is_enterprise_install": workspace.org_wide,
        }
        if workspace.org_wide:
            body |= {"team": None, "enterprise": {"id": "E0GRID", "name": "Grid"}}
        if self.rotates:
            following = f"xoxe-1-{secrets.token_hex(16)}"
            self._refresh[following] = slack
            body |= {"refresh_token": following, "expires_in": LIFETIME_S}
        return body
