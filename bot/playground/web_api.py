"""/api/<method>: who asks, may they, are the arguments right; then the method."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from bot.playground.arguments import check_arguments, read_arguments
from bot.playground.faults import Fault, Faults
from bot.playground.manifest import Manifest
from bot.playground.methods import HANDLERS
from bot.playground.methods.call import Call
from bot.playground.model import Json, WorkspaceError
from bot.playground.refusal import Refusal
from bot.playground.requirements import METHODS
from bot.playground.workspace import Workspace

TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call that was made: `outcome` is "ok" or the error."""

    method: str
    arguments: Json
    outcome: str


@dataclass(slots=True)
class Tokens:
    """The tokens and the secret of the one app that is installed."""

    bot: str
    app: str
    signing_secret: str

    @classmethod
    def new(cls, app_id: str) -> Self:
        """Random ones that look like Slack's."""
        return cls(
            bot=f"xoxb-{secrets.token_hex(12)}",
            app=f"xapp-1-{app_id}-{secrets.token_hex(12)}",
            signing_secret=secrets.token_hex(16),
        )

    def kind(self, token: str) -> str | None:
        """`bot`, `app`, or None for a token that nobody was given."""
        return {self.bot: "bot", self.app: "app"}.get(token)


class WebApi:
    """Answers Web API calls; `calls` holds all that were made, in order."""

    def __init__(
        self,
        workspace: Workspace,
        manifest: Manifest,
        granted: frozenset[str],
        tokens: Tokens,
        faults: Faults,
        open_socket: Callable[[], str],
        on_call: Callable[[], None],
    ) -> None:
        self._workspace = workspace
        self._manifest = manifest
        self._granted = granted
        self._tokens = tokens
        self._faults = faults
        self._open_socket = open_socket
        self._on_call = on_call
        self.calls: list[RecordedCall] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of `/api/{method}`."""
        name = request.match_info["method"]
        fault = self._faults.take(name)
        if fault and fault.how == "hang":
            self.record(name, {}, "hang")
            return await hang(request, self._faults)
        if fault and (fault.error or fault.status):
            self.record(name, {}, fault.error or str(fault.status))
            return fault_response(fault)
        given: Json = {}
        try:
            body: Json = {"ok": True}
            body |= await self._run(request, name, given)
        except Refusal as refusal:
            body = refusal.body
        except WorkspaceError as error:
            body = {"ok": False, "error": error.code}
        self.record(name, given, body.get("error", "ok"))
        if fault and fault.how == "cut":
            cut(request)
        return web.json_response(body, headers=self._headers(name))

    async def _run(self, request: web.Request, name: str, given: Json) -> Json:
        if name not in METHODS:
            raise Refusal("unknown_method", req_method=name)
        method = METHODS[name]
        given |= await read_arguments(request, method)
        in_form = str(given.pop("token", ""))
        token = self._token_kind(request, in_form) if method.tokens else ""
        if method.tokens and token not in method.tokens:
            raise Refusal("not_allowed_token_type")
        call = Call(
            workspace=self._workspace,
            manifest=self._manifest,
            granted=self._granted,
            faults=self._faults,
            method=method,
            arguments={},
            token=token,
            open_socket=self._open_socket,
        )
        for scope in method.scopes:
            call.demand(scope)
        call.arguments.update(check_arguments(given, method))
        return HANDLERS[name](call)

    def _token_kind(self, request: web.Request, in_form: str) -> str:
        scheme, _, in_header = request.headers.get("Authorization", "").partition(" ")
        token = in_header.strip() if scheme.lower() == "bearer" else in_form
        if not token:
            raise Refusal("not_authed")
        config = self._workspace.config
        if token == config.token and config.expired:
            raise Refusal("token_expired")
        kind = "config" if token == config.token else self._tokens.kind(token)
        if kind is None:
            raise Refusal("invalid_auth")
        if kind == "bot" and self._workspace.uninstalled:  # the app itself has its tokens still
            raise Refusal("account_inactive")
        return kind

    def record(self, name: str, arguments: Json, outcome: str) -> None:
        """Note a call."""
        self.calls.append(RecordedCall(name, arguments, outcome))
        self._on_call()

    def _headers(self, name: str) -> dict[str, str]:
        method = METHODS.get(name)
        accepted = method.scopes if method else ()
        return {
            "X-OAuth-Scopes": ",".join(sorted(self._granted)),
            "X-Accepted-OAuth-Scopes": ",".join(accepted),
        }


def fault_response(fault: Fault) -> web.Response:
    """The answer of a fault that refuses."""
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    status = fault.status or (TOO_MANY if fault.error == "ratelimited" else web.HTTPOk.status_code)
    if fault.error:
        return web.json_response({"ok": False, "error": fault.error}, status=status, headers=headers)
    return web.Response(status=status, text="upstream error", headers=headers)


async def hang(request: web.Request, faults: Faults) -> web.Response:
    """Never answer; once faults are cleared, end the connection."""
    await faults.hang()
    cut(request)
    return web.Response()


def cut(request: web.Request) -> None:
    """End the connection as a broken network does."""
    if request.transport is not None:
        request.transport.abort()
