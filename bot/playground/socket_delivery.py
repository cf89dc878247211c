"""Socket Mode: one-time tickets, connections, envelopes and their acks."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.playground.delivery import ACK_TIMEOUT_S, NotAcked, NotReachable
from bot.playground.faults import Faults
from bot.playground.model import Json
from bot.playground.workspace import Workspace

MAX_CONNECTIONS = 10
_DEBUG_INFO = {"host": "applink-1"}


@dataclass(eq=False, slots=True)
class _Connection:
    socket: web.WebSocketResponse
    request: web.Request
    unacked: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)
    retiring: bool = False
    used: int = 0


class SocketTransport:
    """Hands each envelope to any one connection of the app, the least recently used first."""

    def __init__(
        self,
        workspace: Workspace,
        faults: Faults,
        on_connection: Callable[[], None],
        ack_timeout_s: float = ACK_TIMEOUT_S,
    ) -> None:
        self._workspace = workspace
        self._faults = faults
        self._on_connection = on_connection
        self._ack_timeout_s = ack_timeout_s
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._turn = itertools.count(1)
        self._arrived = asyncio.Condition()

    @property
    def connections(self) -> int:
        """How many connections take envelopes."""
        return len(self._usable())

    def open(self) -> str:
        """A new WebSocket address, good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        origin = self._workspace.origin.replace("http", "ws", 1)
        return f"{origin}/link/?ticket={ticket}&app_id={self._workspace.app_id}"

    async def send(
        self, kind: str, payload: Json, *, attempt: int, reason: str, wait_s: float
    ) -> Json | None:
        """See Transport."""
        connection = await self._connection(wait_s)
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        ack: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        connection.unacked[envelope["envelope_id"]] = ack
        try:
            async with asyncio.timeout(self._ack_timeout_s):
                await connection.socket.send_json(envelope)
                return await ack
        except (TimeoutError, ConnectionError):
            raise NotAcked("timeout") from None
        finally:
            connection.unacked.pop(envelope["envelope_id"], None)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of `/link/`."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self._faults.ticket_rejected():
            raise web.HTTPUnauthorized(text="invalid or used ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self._connections) >= MAX_CONNECTIONS:
            count = len(self._connections) + 1
            await socket.send_json(_disconnect("too_many_websockets") | {"num_connections": count})
            await socket.close()
            return socket
        connection = _Connection(socket, request)
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            await self._changed()
            await self._read(connection)
        except ConnectionError:
            pass  # the other side went away while we said hello
        finally:
            self._connections.remove(connection)
            for ack in connection.unacked.values():
                if not ack.done():
                    ack.set_exception(NotAcked("timeout"))
            self._on_connection()
        return socket

    async def refresh(self) -> None:
        """Ask every connection to be replaced, as Slack does every few hours."""
        for connection in self._usable():
            connection.retiring = True
            await connection.socket.send_json(_disconnect("refresh_requested"))
        self._on_connection()

    def drop(self) -> None:
        """Cut every connection as a broken network does."""
        for connection in self._connections:
            if connection.request.transport is not None:
                connection.request.transport.abort()

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self._connections):
            await connection.socket.close()

    def _usable(self) -> list[_Connection]:
        return [c for c in self._connections if not c.retiring and not c.socket.closed]

    async def _connection(self, wait_s: float) -> _Connection:
        try:
            async with asyncio.timeout(wait_s or None), self._arrived:
                if wait_s:
                    await self._arrived.wait_for(self._usable)
        except TimeoutError:
            raise NotReachable("timeout") from None
        usable = self._usable()
        if not usable:
            raise NotReachable("no_connection")
        chosen = min(usable, key=lambda connection: connection.used)
        chosen.used = next(self._turn)
        return chosen

    async def _read(self, connection: _Connection) -> None:
        async for frame in connection.socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                answer = json.loads(frame.data)
            except ValueError:
                continue
            ack = connection.unacked.get(answer.get("envelope_id", "")) if isinstance(answer, dict) else None
            if ack is not None and not ack.done():
                ack.set_result(answer.get("payload") or None)

    async def _changed(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()
        self._on_connection()

    def _hello(self) -> Json:
        started = time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime())
        return {
            "type": "hello",
            "connection_info": {"app_id": self._workspace.app_id},
            "num_connections": len(self._connections),
            "debug_info": {
                **_DEBUG_INFO,
                "started": started,
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
        }


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": _DEBUG_INFO}
