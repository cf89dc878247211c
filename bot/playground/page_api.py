"""What the page reads: the state, messages, changes as they happen, files, permalinks."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from aiohttp import web

from bot.playground import membership, page_shapes
from bot.playground.model import Change, Json, User, WorkspaceError
from bot.playground.page_pictures import FirstPages
from bot.playground.page_preview import PDF

if TYPE_CHECKING:
    from bot.playground.server import Playground

STATIC = Path(__file__).parent / "static"
HEARTBEAT_S = 15.0
_PERMALINK = re.compile(r"p(\d{1,15})(\d{6})")


class PageApi:
    """Read-only handlers of `/playground/…`; `user` names the person the page acts as."""

    def __init__(self, slack: Playground) -> None:
        self._slack = slack
        self._workspace = slack.workspace
        self._first_pages = FirstPages()
        self._read: dict[tuple[str, str], str] = {}

    def routes(self) -> list[web.RouteDef]:
        """The routes of the page and of what it reads."""
        return [
            web.get("/", self.index),
            web.get("/playground/state", self.state),
            web.get("/playground/messages", self.messages),
            web.get("/playground/events", self.events),
            web.get("/playground/file/{file}", self.file),
            web.get("/playground/first-page/{file}", self.first_page),
            web.get("/playground/home", self.home),
            web.get("/archives/{channel}/{message}", self.permalink),
            web.get("/files/{user}/{file}/{name}", self.file_permalink),
        ]

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """The page itself."""
        page = STATIC / "index.html"
        if not page.exists():
            raise web.HTTPNotFound(text="The page isn't part of this installation; the API is at /api/.")
        return web.FileResponse(page)

    async def state(self, request: web.Request) -> web.Response:
        """All that the page shows around the messages."""
        person = self._person(request)
        membership.open_im(self._workspace, person)
        workspace, bot = self._workspace, self._workspace.bot
        shown = [c for c in workspace.channels.values() if page_shapes.may_read(c, person)]
        state: Json = {
            "workspace": {"name": workspace.name, "domain": workspace.domain, "team_id": workspace.team_id},
            "me": person.id,
            "bot": {"user_id": bot.id, "name": bot.real_name, "connected": self._slack.connected},
            "users": [page_shapes.user(user) for user in workspace.users.values() if not user.deleted],
            "channels": [
                page_shapes.channel(workspace, channel, person, self._unread(person, channel.id))
                for channel in shown
            ],
            "commands": [
                {key: value for key, value in asdict(command).items() if key != "should_escape"}
                for command in self._slack.manifest.commands
            ],
            "shortcuts": [
                {"callback_id": key, "name": name}
                for key, name in self._slack.manifest.message_shortcuts.items()
            ],
            "has_home": self._slack.manifest.home_tab,
            "suggestions": self._slack.suggestions,
        }
        return web.json_response(state)

    async def messages(self, request: web.Request) -> web.Response:
        """The messages of a channel or thread, with the ephemeral ones for this person."""
        person = self._person(request)
        channel = page_shapes.readable_channel(self._workspace, request.query.get("channel", ""), person)
        thread_ts = request.query.get("thread_ts")
        found = self._slack.messages(channel.id, thread_ts)
        found += [m for m in self._slack.ephemerals(person.id, channel.id) if m.thread_ts == thread_ts]
        found.sort(key=lambda message: message.ts)
        if thread_ts is None and found:
            self._read[person.id, channel.id] = found[-1].ts
        return web.json_response(
            {"messages": [page_shapes.message(self._workspace, message, person) for message in found]}
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Changes as server-sent events until the page goes away."""
        person = self._person(request)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        with self._slack.hub.page() as changes:
            await response.prepare(request)
            try:
                await response.write(b": connected\n\n")
                while (line := await self._next_line(changes, person)) is not None:
                    await response.write(line)
            except ConnectionError:
                pass  # the page went away
        return response

    async def file(self, request: web.Request) -> web.Response:
        """A file's bytes, for a person who may see it; always as a download, never as a page."""
        file = page_shapes.readable_file(self._workspace, request.match_info["file"], self._person(request))
        return web.Response(
            body=file.data,
            content_type=file.mimetype,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def first_page(self, request: web.Request) -> web.Response:
        """A picture of a PDF's first page, for a person who may see it."""
        file = page_shapes.readable_file(self._workspace, request.match_info["file"], self._person(request))
        drawn = await self._first_pages.of(file) if file.mimetype == PDF else None
        if drawn is None:
            raise WorkspaceError("picture_not_found", "There is no picture of this file.")
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=drawn, content_type="image/png", headers=headers)

    async def home(self, request: web.Request) -> web.Response:
        """The app's own page as it was last shown to this person; null before it ever was."""
        return web.json_response({"view": self._workspace.home_views.get(self._person(request).id)})

    async def permalink(self, request: web.Request) -> NoReturn:
        """The address of a message, as Slack makes it, opens on the page."""
        found = _PERMALINK.fullmatch(request.match_info["message"])
        if found is None:
            raise WorkspaceError("message_not_found", "There is no such message.")
        _to_message(request.match_info["channel"], ".".join(found.groups()), request.query.get("thread_ts"))

    async def file_permalink(self, request: web.Request) -> NoReturn:
        """The address of a file opens at the message it was first shared in."""
        for share in self._workspace.file(request.match_info["file"]).shares:
            _to_message(share.channel, share.ts, share.thread_ts)
        raise WorkspaceError("file_not_found", "The file isn't shared anywhere.")

    def _person(self, request: web.Request) -> User:
        return self._workspace.user(request.query.get("user", self._first_person()))

    def _first_person(self) -> str:
        return next((user.id for user in self._workspace.users.values() if not user.is_bot), "")

    def _unread(self, person: User, channel: str) -> int:
        """Top-level messages of others since the page last fetched; none before it ever looked."""
        messages = self._slack.messages(channel)
        last = self._read.setdefault((person.id, channel), messages[-1].ts if messages else "")
        return sum(message.ts > last and message.user != person.id for message in messages)

    async def _next_line(self, changes: asyncio.Queue[Change | None], person: User) -> bytes | None:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    change = await changes.get()
            except TimeoutError:
                return b": still here\n\n"
            if change is None:
                return None
            if self._concerns(change, person):
                shown = {key: value for key, value in asdict(change).items() if key != "only_for"}
                return b"data: " + json.dumps(shown).encode() + b"\n\n"

    def _concerns(self, change: Change, person: User) -> bool:
        if change.only_for not in {None, person.id}:
            return False
        channel = self._workspace.channels.get(change.channel or "")
        return change.channel is None or (channel is not None and person.id in channel.members)


def _to_message(channel: str, ts: str, thread_ts: str | None) -> NoReturn:
    place = f"/#/{quote(channel)}/{quote(ts)}"
    raise web.HTTPFound(f"{place}/{quote(thread_ts)}" if thread_ts else place)
