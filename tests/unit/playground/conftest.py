from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    """A workspace over Socket Mode whose clock for acks and retries is quick."""
    async with Playground.serve(ack_timeout_s=0.2, retry_delays_s=(0, 0, 0)) as playground:
        yield playground


@pytest.fixture
def client(slack: Playground) -> AsyncWebClient:
    """Slack's own client with the bot's token."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A bare HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def refused() -> Refused:
    """Await a call that must be refused; what Slack's body said."""

    async def body_of(call: Awaitable[Any]) -> dict[str, Any]:
        with pytest.raises(SlackApiError) as caught:
            await call
        return dict(caught.value.response.data)

    return body_of
