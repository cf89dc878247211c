"""The HTTP side: liveness, readiness, metrics, and Slack's own requests where HTTP mode is on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from aiohttp import web

from bot.correlation import correlated, fresh
from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.web.metrics import Metrics

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[None]]
"""Raises when a dependency can't be used now."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CHECK_TIMEOUT_S = 2.0
SHUTDOWN_S = 5.0
"""How long a request that is under way may take once we close."""
MAX_BODY_BYTES = 1024 * 1024
"""Slack's payloads are far smaller; the same bound as Bolt's own server."""


def application(
    checks: Mapping[str, Check],
    metrics: Metrics,
    *,
    slack_events: Handler | None = None,
    knowledge: web.Application | None = None,
    console: web.Application | None = None,
    install: Sequence[web.RouteDef] = (),
) -> web.Application:
    """The routes. `checks` are named as people know the dependencies (`database`, `index`, `slack`)."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        reasons = await reasons_of(checks)
        ready = not any(reasons.values())
        body: dict[str, object] = {
            "ready": ready,
            "dependencies": {name: reason or "ok" for name, reason in reasons.items()},
        }
        if circuits := metrics.circuits():  # without its vendors the bot does less, but it does
            body["circuits"] = dict(circuits)
            body["degraded"] = sorted(name for name, state in circuits.items() if state != "closed")
        return web.json_response(body, status=200 if ready else 503)

    async def show_metrics(_: web.Request) -> web.Response:
        return web.Response(body=await metrics.exposition(), headers={"Content-Type": metrics.content_type})

    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_correlated])
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)
    if slack_events is not None:
        app.router.add_post("/slack/events", slack_events)
    app.add_routes(install)
    if knowledge is not None:
        app.add_subapp("/v1", knowledge)
    if console is not None:
        app.add_subapp("/console", console)
    return app


@web.middleware
async def _correlated(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What follows from a request is logged under one id; Slack's payloads bring their own."""
    with correlated(fresh("request")):
        return await handler(request)


async def reasons_of(checks: Mapping[str, Check]) -> dict[str, str | None]:
    """Why each dependency is not usable, in words, or None where it is."""
    return dict(await asyncio.gather(*(_reason(name, check) for name, check in checks.items())))


async def _reason(name: str, check: Check) -> tuple[str, str | None]:
    """Why a dependency is not usable, or None when it is."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except FaultMavenError as error:
        return name, error.public_message
    except TimeoutError:
        return name, f"no answer within {CHECK_TIMEOUT_S:.0f} s"
    except Exception as error:  # noqa: BLE001  # the edge: what fails in any way is not ready
        log.error("readiness_check_failed", dependency=name, causes=causes(error))
        return name, "failed; the log has the cause"
    return name, None


class Server:
    """Listens on one address until closed."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        self._host = host
        self._port = port

    async def start(self) -> int:
        """Listen. Returns the port, which is a free one when 0 was asked for. Raises OSError."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        address = self._runner.addresses[0]
        return int(address[1])

    async def close(self) -> None:
        """Stop listening and end what is under way."""
        await self._runner.cleanup()
