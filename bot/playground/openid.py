"""Sign in with Slack, as Slack does it: OpenID Connect's authorize page, its token and its userInfo.

Source: docs.slack.dev, "Sign in with Slack", openid.connect.token, openid.connect.userInfo.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from bot.playground.model import Json, User
from bot.playground.refusal import Refusal

if TYPE_CHECKING:
    from bot.playground.host import SlackHost
    from bot.playground.server import Playground

TOKEN, USER_INFO = "openid.connect.token", "openid.connect.userInfo"
AUTHORIZE = "/openid/connect/authorize"
SCOPES = frozenset({"openid", "email", "profile"})
ISSUER = "https://slack.com"
CODE_S, ID_TOKEN_S = 600.0, 300


@dataclass(frozen=True, slots=True)
class _SignIn:
    """Who said yes to what."""

    slack: Playground
    user: User
    scopes: frozenset[str]
    redirect_uri: str
    nonce: str | None
    at: float


@dataclass(slots=True)
class OpenId:
    """The three addresses. `claims` are put over what an id_token says, `facts` over what userInfo says."""

    host: SlackHost
    claims: Json = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _codes: dict[str, _SignIn] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _tokens: dict[str, _SignIn] = field(default_factory=dict)

    async def ask(self, request: web.Request) -> web.Response:
        """The page on which somebody chooses who of which workspace they are, and allows or cancels."""
        self._checked(request)
        page = (
            '<!DOCTYPE html><title>Slack</title><form method="post"><input name="team"><input name="user">'
            "<button>Allow</button></form>"
        )
        return web.Response(text=page, content_type="text/html")

    async def decide(self, request: web.Request) -> web.Response:
        """Back to the app, with a code or with `access_denied`."""
        redirect_uri, form = self._checked(request), await request.post()
        team, user = str(form.get("team", "")), str(form.get("user", ""))
        answer = {"error": "access_denied", "state": request.query["state"]}
        if user:
            slack, code = self.host.workspaces[team], secrets.token_hex(12)
            self._codes[code] = _SignIn(
                slack,
                slack.workspace.user(user),
                frozenset(request.query["scope"].replace(",", " ").split()),
                redirect_uri,
                request.query.get("nonce"),
                time.time(),
            )
            answer = {"code": code, "state": request.query["state"]}
        return web.Response(status=302, headers={"Location": f"{redirect_uri}?{urlencode(answer)}"})

    async def call(self, request: web.Request) -> web.Response:
        """`openid.connect.token` and `openid.connect.userInfo`."""
        method = request.match_info["method"]
        fault = next(iter(self.host.workspaces.values())).faults.take(method)
        if fault and fault.status:
            return web.Response(status=fault.status)
        try:
            body = await self._token(request) if method == TOKEN else self._user_info(request)
        except Refusal as refusal:
            body = refusal.body
        self.calls.append(body.get("error", method))
        return web.json_response(body)

    def expire_codes(self) -> None:
        """Ten minutes pass at Slack."""
        self._codes.clear()

    def _checked(self, request: web.Request) -> str:
        """The address to go back to. Slack shows an error of its own for what is wrong here."""
        asked = request.query
        scopes = set(asked.get("scope", "").replace(",", " ").split())
        fine = (
            asked.get("response_type") == "code"
            and asked.get("client_id") == self.host.client_id
            and asked.get("redirect_uri") in self.host.redirect_uris
            and asked.get("state")
            and "openid" in scopes
            and scopes <= SCOPES  # no other scope may be asked for here
            and asked.get("team", "") in {"", *self.host.workspaces}
        )
        if not fine:
            raise web.HTTPBadRequest(text="Slack: something is wrong with this request")
        return asked["redirect_uri"]

    async def _token(self, request: web.Request) -> Json:
        self.host.check_app(request)
        given = {name: str(value) for name, value in (await request.post()).items()}
        if given.get("grant_type", "authorization_code") != "authorization_code":
            raise Refusal("invalid_grant_type")
        code = given.get("code", "")
        if code in self._used:
            raise Refusal("code_already_used")
        found = self._codes.get(code)
        if found is None or found.at + CODE_S <= time.time():
            raise Refusal("invalid_code")
        if given.get("redirect_uri") != found.redirect_uri:
            raise Refusal("bad_redirect_uri")
        self._used.add(code)
        token = f"xoxp-{secrets.token_hex(24)}"
        self._tokens[token] = found
        return {"ok": True, "access_token": token, "token_type": "Bearer", "id_token": self._id_token(found)}

    def _id_token(self, found: _SignIn) -> str:
        """A JWT, whose signature is made up: who has it from Slack's own address over TLS needn't look."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": self.host.client_id,
            "exp": now + ID_TOKEN_S,
            "iat": now,
            "auth_time": now,
            "nonce": found.nonce,
            "at_hash": secrets.token_urlsafe(16),
            **_identity(found),
        }
        parts = ({"alg": "RS256", "typ": "JWT"}, claims | self.claims)
        encoded = [_base64(json.dumps(part).encode()) for part in parts]
        return ".".join([*encoded, _base64(secrets.token_bytes(256))])

    def _user_info(self, request: web.Request) -> Json:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refusal("not_authed")
        if token not in self._tokens:
            raise Refusal("invalid_auth")
        return {"ok": True} | _identity(self._tokens[token]) | self.facts


def _identity(found: _SignIn) -> Json:
    """Who somebody is, as far as they allowed."""
    user, workspace = found.user, found.slack.workspace
    said: Json = {
        "sub": user.id,
        "https://slack.com/user_id": user.id,
        "https://slack.com/team_id": workspace.team_id,
    }
    if "email" in found.scopes:
        said |= {"email": f"{user.name}@example.com", "email_verified": True}
    if "profile" in found.scopes:
        said |= {"name": user.real_name, "https://slack.com/team_name": workspace.name}
    return said


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
