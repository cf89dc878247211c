"""A balancer before several replicas over HTTP: each request goes to the next one in turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType
from typing import Self

from aiohttp import ClientSession, DummyCookieJar, web

RETRY = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
HOPS = {"content-length", "transfer-encoding", "connection"}


class Balancer:
    """`backends` are addresses of replicas; `taken` counts what each got besides events.

    `twice`: Slack was impatient, and the same request comes to all of them at once. `lose`: so many
    answers never reach whoever asked.
    """

    def __init__(self) -> None:
        self.backends: list[str] = []
        self.taken: Counter[str] = Counter()
        self.twice = False
        self.lose = 0
        self.url = ""
        self._turn = 0

    async def __aenter__(self) -> Self:
        self._session = ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._turn += 1
        chosen = self.backends[self._turn % len(self.backends)]
        others = [one for one in self.backends if one != chosen] if self.twice else []
        answers = await asyncio.gather(
            self._pass_on(chosen, request, body, {}),
            *(self._pass_on(other, request, body, RETRY) for other in others),
        )
        if self.lose:
            self.lose -= 1
            return web.Response(status=504)
        return answers[0]

    async def _pass_on(
        self, backend: str, request: web.Request, body: bytes, also: dict[str, str]
    ) -> web.Response:
        if request.content_type != "application/json":
            self.taken[backend] += 1
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOPS}
        async with self._session.request(
            request.method, f"{backend}{request.path_qs}", headers=headers | also, data=body,
            allow_redirects=False,
        ) as there:  # fmt: skip
            passed = web.Response(status=there.status, body=await there.read())
            for name, value in there.headers.items():
                if name.lower() not in HOPS:
                    passed.headers.add(name, value)
            return passed
