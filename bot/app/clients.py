"""The connections to Slack's Web API: one session, two clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.providers.slack.calls import Calls
from bot.providers.slack.client import InstalledClient, Token
from bot.providers.told import OnCall, untold
from bot.settings import Settings
from bot.settings.secrets import plain

TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=5)
"""With a session of ours the client's own `timeout` is ignored, so the session has one."""
READ_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Line:
    """The clients of one workspace, and the limits that they meet there."""

    read: AsyncWebClient
    write: AsyncWebClient
    calls: Calls


@dataclass(frozen=True, slots=True)
class SlackClients:
    """`read` repeats what was cut off; `write` never does, since Slack may have done it.

    `calls` is shared by all, so that a limit that one meets is respected by the others.

    `bolt` has no token: Bolt gives each request's client the token that `authorize` names.
    """

    session: aiohttp.ClientSession
    read: AsyncWebClient
    write: AsyncWebClient
    bolt: AsyncWebClient
    calls: Calls
    on_call: OnCall = untold

    def line(self, token: Token) -> Line:
        """The way to one of many workspaces, by its own token."""
        options: dict[str, Any] = {"base_url": self.bolt.base_url, "session": self.session}
        return Line(
            InstalledClient(token, retry_handlers=_retries(), **options),
            InstalledClient(token, retry_handlers=[], **options),
            Calls(on_call=self.on_call),
        )

    def once(self, token: str | None) -> AsyncWebClient:
        """A client that repeats nothing, for what is asked with a token that is not installed."""
        return AsyncWebClient(
            token=token, base_url=self.bolt.base_url, session=self.session, retry_handlers=[]
        )


@asynccontextmanager
async def open_clients(settings: Settings, on_call: OnCall = untold) -> AsyncIterator[SlackClients]:
    """Open the shared session; close it on leaving."""
    token = plain(settings.slack_bot_token)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        read = AsyncWebClient(
            token=token,
            base_url=settings.slack_api_url,
            session=session,
            retry_handlers=_retries(),
        )
        write = AsyncWebClient(
            token=token, base_url=settings.slack_api_url, session=session, retry_handlers=[]
        )
        bolt = AsyncWebClient(base_url=settings.slack_api_url, session=session, retry_handlers=[])
        yield SlackClients(session, read, write, bolt, Calls(on_call=on_call), on_call)


def _retries() -> list[AsyncRetryHandler]:
    return [
        AsyncConnectionErrorRetryHandler(max_retry_count=READ_RETRIES),
        AsyncServerErrorRetryHandler(max_retry_count=READ_RETRIES),
    ]
