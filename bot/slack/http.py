"""POST /slack/events: Slack's requests over HTTP, handed to Bolt (which checks the signature)."""

from __future__ import annotations

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp


class SlackEvents:
    """An aiohttp handler. A request that Bolt refuses or an event not committed is not answered 200."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def __call__(self, request: web.Request) -> web.Response:
        """Events, commands and interactivity alike."""
        bolt_request = await to_bolt_request(request)
        response = await self._app.async_dispatch(bolt_request)
        return await to_aiohttp_response(response)
