"""The playground: a Slack workspace on loopback with one app, made from `manifest.yml`.

Example::

    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        # start the bot with slack.api_url, slack.bot_token and slack.app_token
        shared = await slack.share(alice, ops, "runbook.pdf", data)
        reply = await slack.wait_for(lambda m: m.thread_ts == shared.ts and "Indexed" in m.text)
        await slack.command(alice, ops, "/fm search failover")
        answer = await slack.wait_for(lambda m: m.only_for == alice)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, Self

from aiohttp import web

from bot.playground.actions import Actions
from bot.playground.delivery import ACK_TIMEOUT_S, RETRY_DELAYS_S, WAIT_S, Delivery, Dispatcher
from bot.playground.demo import demo_workspace
from bot.playground.faults import Faults
from bot.playground.files import FileServer
from bot.playground.http_delivery import HttpTransport
from bot.playground.hub import Hub
from bot.playground.interactions import Interactions
from bot.playground.manifest import load_manifest
from bot.playground.model import Change, Json
from bot.playground.page_actions import PageActions
from bot.playground.page_api import STATIC, PageApi
from bot.playground.page_guard import page_guard
from bot.playground.page_views import PageViews
from bot.playground.socket_delivery import SocketTransport
from bot.playground.web_api import RecordedCall, Tokens, WebApi
from bot.playground.workspace import TEAM_ID, Workspace

MAX_UPLOAD_BYTES = 100 * 1024 * 1024


class Playground(Actions):
    """A running workspace. Make one with `serve`.

    `api_url`, `bot_token`, `app_token`, `signing_secret` are what a bot needs; `bot_user` is its
    user id. With HTTP delivery set `request_url` once the bot listens; until then events wait.
    `faults` lets things go wrong; `calls` and `deliveries` list what went over the wire.
    """

    def __init__(
        self,
        *,
        delivery: Literal["socket", "http"] = "socket",
        withhold: Sequence[str] = (),
        manifest: Path | None = None,
        team_id: str = TEAM_ID,
        ack_timeout_s: float = ACK_TIMEOUT_S,
        retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
        wait_s: float = WAIT_S,
        max_upload_bytes: int = MAX_UPLOAD_BYTES,
    ) -> None:
        self.manifest = load_manifest(manifest)
        granted = self.manifest.scopes - set(withhold)
        self.workspace = Workspace(team_id=team_id, bot_name=self.manifest.bot_name)
        self.hub = Hub()
        self.faults = Faults()
        self.tokens = Tokens.new(self.workspace.app_id)
        self.socket = SocketTransport(self.workspace, self.faults, self._connection_changed, ack_timeout_s)
        self.http = HttpTransport(self.tokens.signing_secret, ack_timeout_s)
        self.delivery = delivery
        self.max_upload_bytes = max_upload_bytes
        self.suggestions: list[Json] = []
        transport = self.socket if delivery == "socket" else self.http
        self.dispatcher = Dispatcher(
            self.workspace, self.manifest, granted, transport, self.hub.notify, retry_delays_s, wait_s
        )
        self.interactions = Interactions(self.workspace, self.manifest, self.dispatcher, self.faults)
        self.web_api = WebApi(
            self.workspace,
            self.manifest,
            granted,
            self.tokens,
            self.faults,
            self.socket.open,
            self.hub.notify,
        )
        self.file_server = FileServer(self.workspace, granted, self.tokens, self.faults, self.web_api.record)
        self.workspace.on_event = self.dispatcher.publish
        self.workspace.on_change = self.hub.publish

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        port: int = 0,
        host: str = "127.0.0.1",
        delivery: Literal["socket", "http"] = "socket",
        *,
        demo: bool = False,
        **settings: object,
    ) -> AsyncIterator[Self]:
        """Listen on loopback until the block ends; port 0 takes a free one. Raises OSError.

        `demo` fills the workspace with people, channels and documents. Other settings: `withhold`
        (scopes of the manifest that are not granted), `manifest` (another file), `team_id`,
        `ack_timeout_s`, `retry_delays_s`, `wait_s`, `max_upload_bytes`.
        """
        slack = cls(delivery=delivery, **settings)  # type: ignore[arg-type]  # named above
        runner = web.AppRunner(slack.web_app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            bound = runner.addresses[0][1]
            slack.workspace.origin = f"http://{host}:{bound}"
            if demo:
                slack.suggestions = await demo_workspace(slack)
            yield slack
        finally:
            await slack.close()
            await runner.cleanup()

    @property
    def api_url(self) -> str:
        """The base address of the Web API, for SLACK_API_URL."""
        return f"{self.workspace.origin}/api/"

    @property
    def page_url(self) -> str:
        """The address of the page for people."""
        return f"{self.workspace.origin}/"

    @property
    def bot_token(self) -> str:
        """For SLACK_BOT_TOKEN."""
        return self.tokens.bot

    @property
    def app_token(self) -> str:
        """For SLACK_APP_TOKEN."""
        return self.tokens.app

    @property
    def signing_secret(self) -> str:
        """For SLACK_SIGNING_SECRET."""
        return self.tokens.signing_secret

    @signing_secret.setter
    def signing_secret(self, secret: str) -> None:
        self.tokens.signing_secret = self.http.secret = secret

    @property
    def bot_user(self) -> str:
        """The bot's user id."""
        return self.workspace.bot.id

    def belong_to(self, first: Playground) -> None:
        """Be a further workspace of that one's app: Socket Mode has one connection for all of them."""
        self.tokens.app, self.socket = first.tokens.app, first.socket
        if self.delivery == "socket":
            self.dispatcher.transport = first.socket

    @property
    def request_url(self) -> str | None:
        """Where HTTP delivery goes."""
        return self.http.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.http.request_url = url
        self._connection_changed()

    @property
    def calls(self) -> list[RecordedCall]:
        """Every Web API call and download that was made, in order."""
        return self.web_api.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was sent to the app, in order."""
        return self.dispatcher.deliveries

    @property
    def connected(self) -> bool:
        """Whether there is an app to deliver to."""
        return self.socket.connections > 0 if self.delivery == "socket" else bool(self.request_url)

    def _connection_changed(self) -> None:
        self.hub.publish(Change("bot_connection"))

    def web_app(self) -> web.Application:
        """All that is answered here."""
        app = web.Application(client_max_size=self.max_upload_bytes, middlewares=[page_guard])
        app.router.add_route("*", "/api/{method}", self.web_api.handle)
        app.router.add_get("/files-pri/{file}/download/{name}", self.file_server.handle)
        app.router.add_get("/files-pri/{file}/{name}", self.file_server.handle)
        app.router.add_get("/files-tmb/{file}/file.vtt", self.file_server.handle)
        app.router.add_get("/link/", self.socket.handle)
        app.router.add_post("/response/{id}", self.interactions.handle_response)
        app.add_routes([*PageApi(self).routes(), *PageActions(self).routes(), *PageViews(self).routes()])
        if STATIC.is_dir():
            app.router.add_static("/static/", STATIC)
        return app

    async def close(self) -> None:
        """End what is under way."""
        self.faults.clear()
        self.hub.close()
        await self.dispatcher.close()
        await self.socket.close()
        await self.http.close()
