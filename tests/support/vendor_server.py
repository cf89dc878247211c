"""What the doubles of vendors share: a server on loopback, what was asked of it, and faults on order."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

MIB = 1024 * 1024
Json = Any
"""Whatever somebody sends: it is the double's part to look closely."""


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of an answer: a status, a body of our own, silence, a cut."""

    status: int = 500
    body: str = '{"message": "internal server error"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    cuts: bool = False


HANG = Fault(hangs=True)
CUT = Fault(cuts=True)


def limited(retry_after_s: float | None = 0, body: str = '{"message": "too many requests"}') -> Fault:
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Fault(429, body, headers)


@dataclass(frozen=True)
class Asked:
    """One request that was let through to an answer."""

    path: str
    body: Any
    headers: Mapping[str, str]


class Refused(Exception):
    """The double refuses a request as the vendor would."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def require(condition: object, message: str, status: int = 400) -> None:
    if not condition:
        raise Refused(status, message)


class VendorServer:
    """`async with` it. Faults are kept by the end of the path they are for and used up one by one."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.requests = 0
        self.most_at_once = 0
        self._at_once = 0
        self._crowd = 0
        self._crowded = asyncio.Event()
        self.idle = asyncio.Event()
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    def fault(self, path: str, *faults: Fault) -> None:
        self._faults[path].extend(faults)

    def heal(self, path: str | None = None) -> None:
        """No more faults, or none at that end of a path."""
        if path is None:
            self._faults.clear()
        else:
            self._faults.pop(path, None)

    def answer_a_crowd(self, at_once: int) -> None:
        """From now on nothing is answered before so many requests were there at the same time."""
        self._crowd, self.most_at_once = at_once, 0
        self._crowded.clear()

    def asked_of(self, path: str) -> list[Any]:
        """The bodies that were answered, by the end of their path."""
        return [one.body for one in self.asked if one.path.endswith(path)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError

    def refusal(self, refused: Refused) -> web.StreamResponse:
        return web.json_response({"message": refused.message}, status=refused.status)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * MIB)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self._at_once += 1
        self.idle.clear()
        self.most_at_once = max(self.most_at_once, self._at_once)
        if self.most_at_once >= self._crowd:
            self._crowded.set()
        try:
            await self._crowded.wait()
            if (fault := self._fault_for(request.path)) is not None:
                return await self._fail(request, fault)
            return await self.answer(request)
        except Refused as refused:
            return self.refusal(refused)
        finally:
            self._at_once -= 1
            if not self._at_once:
                self.idle.set()

    def _fault_for(self, path: str) -> Fault | None:
        for end, faults in self._faults.items():
            if path.endswith(end) and faults:
                return faults.popleft()
        return None

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.hangs:
            await self._closing.wait()
        if fault.cuts or fault.hangs:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.Response(
            status=fault.status, text=fault.body, headers=fault.headers, content_type="application/json"
        )

    async def body_of(self, request: web.Request) -> dict[str, Any]:
        """The JSON object that was sent, noted as asked."""
        require(request.content_type == "application/json", "content-type must be application/json", 415)
        try:
            body = json.loads(await request.read())
        except ValueError as error:
            raise Refused(400, "the body is not JSON") from error
        require(isinstance(body, dict), "the body is not an object")
        self.asked.append(Asked(request.path, body, dict(request.headers)))
        return body
