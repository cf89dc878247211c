"""What the page needs for the forms that the app opens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from bot.playground.modals import Written
from bot.playground.model import User, WorkspaceError

if TYPE_CHECKING:
    from bot.playground.server import Playground

MAX_VALUE = 3_000
"""What Slack lets people write into one field."""
MAX_CHOSEN = 100


class PageViews:
    """Handlers of `/playground/view`; `user` names the person the page acts as."""

    def __init__(self, slack: Playground) -> None:
        self._slack = slack
        self._workspace = slack.workspace

    def routes(self) -> list[web.RouteDef]:
        """The routes of the one form that may be open."""
        return [
            web.get("/playground/view", self.show),
            web.post("/playground/view", self.submit),
            web.delete("/playground/view", self.close),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The form that is open for this person, or null."""
        return web.json_response({"view": self._workspace.modals.get(self._person(request).id)})

    async def submit(self, request: web.Request) -> web.Response:
        """Send the form; it closes, or shows what the app says to it."""
        try:
            given = json.loads(await request.text())
            person, values = self._workspace.user(given["user"]), dict(given["values"])
        except (ValueError, TypeError, KeyError):
            raise WorkspaceError("invalid_arguments", "user or values are missing.") from None
        written = {str(key): _bounded(value) for key, value in values.items()}
        if error := await self._slack.submit(person.id, written):
            raise WorkspaceError(error, "The app did not take it.")
        return web.json_response({"ok": True})

    async def close(self, request: web.Request) -> web.Response:
        """Close the form without sending it."""
        self._workspace.show_modal(self._person(request), None)
        return web.json_response({"ok": True})

    def _person(self, request: web.Request) -> User:
        return self._workspace.user(request.query.get("user", ""))


def _bounded(value: object) -> Written:
    if isinstance(value, list):
        return [str(one)[:MAX_VALUE] for one in value[:MAX_CHOSEN]]
    return str(value)[:MAX_VALUE]
