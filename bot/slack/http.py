"""POST /slack/events: Slack's requests over HTTP, handed to Bolt (which checks the signature)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.slack.entry import OnAcked, entering, untimed


def slack_events(
    app: AsyncApp, on_acked: OnAcked = untimed
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """An aiohttp handler. A request that Bolt refuses or an event not committed is not answered 200."""

    async def handle(request: web.Request) -> web.StreamResponse:
        bolt_request = await to_bolt_request(request)
        with entering(bolt_request.body, on_acked):
            response = await app.async_dispatch(bolt_request)
        return await to_aiohttp_response(response)

    return handle
