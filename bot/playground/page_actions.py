"""What people do on the page: write, upload, run commands, press buttons, come and go."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from aiohttp import web

from bot.playground import membership, page_shapes, sharing
from bot.playground.mentions import link_names
from bot.playground.model import Json, User, WorkspaceError

if TYPE_CHECKING:
    from bot.playground.server import Playground

MAX_NAME = 200
MAX_TEXT = 12_000
"""What Slack's own clients let people write in one message."""


class PageActions:
    """Handlers that change the workspace; the body's `user` is who acts."""

    def __init__(self, slack: Playground) -> None:
        self._slack = slack
        self._workspace = slack.workspace

    def routes(self) -> list[web.RouteDef]:
        """The routes of what people do."""
        return [
            web.post("/playground/messages", self.say),
            web.delete("/playground/messages", self.delete_message),
            web.post("/playground/commands", self.command),
            web.post("/playground/files", self.upload),
            web.delete("/playground/files/{file}", self.delete_file),
            web.post("/playground/actions", self.press),
            web.post("/playground/shortcuts", self.shortcut),
            web.post("/playground/home", self.open_home),
            web.post("/playground/home/actions", self.press_home),
            web.post("/playground/stop", self.stop),
            web.post("/playground/channels", self.create_channel),
            web.post("/playground/channels/{channel}/{what:join|leave|invite}", self.membership),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """Write a message; `@name` and `#channel` are linked."""
        given = await _body(request)
        person = self._workspace.user(_text(given, "user"))
        text = _text(given, "text").strip()
        if not text:
            raise WorkspaceError("no_text", "Write something first.")
        ts = await self._slack.say(
            person.id,
            _text(given, "channel"),
            link_names(self._workspace, person, text),
            thread_ts=given.get("thread_ts"),
        )
        return web.json_response({"ok": True, "ts": ts})

    async def command(self, request: web.Request) -> web.Response:
        """Run a slash command. What it answers arrives as messages."""
        given = await _body(request)
        outcome = await self._slack.command(
            _text(given, "user"), _text(given, "channel"), _text(given, "text")
        )
        if outcome.error:
            name = _text(given, "text").split()[0]
            raise WorkspaceError(outcome.error, f'{name} failed with the error "{outcome.error}".')
        return web.json_response({"ok": True})

    async def upload(self, request: web.Request) -> web.Response:
        """Share a file from the person's computer."""
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise WorkspaceError("no_file_data", "Choose a file first.")
        person = self._workspace.user(str(form.get("user", "")))
        shared = await self._slack.share(
            person.id,
            str(form.get("channel", "")),
            _safe_name(file.filename),
            file.file.read(),
            thread_ts=str(form.get("thread_ts", "")) or None,
            text=link_names(self._workspace, person, str(form.get("text", ""))[:MAX_TEXT].strip()),
        )
        return web.json_response({"ok": True, "file_id": shared.file_id, "ts": shared.ts})

    async def press(self, request: web.Request) -> web.Response:
        """Press a button or choose from a menu."""
        given = await _body(request)
        error = await self._slack.press(
            _text(given, "user"),
            _text(given, "channel"),
            _text(given, "message_ts"),
            _text(given, "action_id"),
            block_id=given.get("block_id"),
            value=given.get("value"),
        )
        if error:
            raise WorkspaceError(error, "The app did not answer.")
        return web.json_response({"ok": True})

    async def shortcut(self, request: web.Request) -> web.Response:
        """Choose one of the app's shortcuts from a message's menu."""
        given = await _body(request)
        error = await self._slack.shortcut(
            _text(given, "user"),
            _text(given, "channel"),
            _text(given, "message_ts"),
            _text(given, "callback_id"),
        )
        if error:
            raise WorkspaceError(error, "The app did not answer.")
        return web.json_response({"ok": True})

    async def open_home(self, request: web.Request) -> web.Response:
        """Look at one of the app's own tabs: the app is told, and may show something there anew."""
        given = await _body(request)
        await self._slack.open_home(_text(given, "user"), str(given.get("tab", "home")))
        return web.json_response({"ok": True})

    async def press_home(self, request: web.Request) -> web.Response:
        """Press something on the app's own page."""
        given = await _body(request)
        error = await self._slack.press_home(
            _text(given, "user"), _text(given, "action_id"), given.get("value")
        )
        if error:
            raise WorkspaceError(error, "The app did not answer.")
        return web.json_response({"ok": True})

    async def stop(self, request: web.Request) -> web.Response:
        """Stop what the bot is doing in a thread."""
        given = await _body(request)
        await self._slack.stop_answer(
            _text(given, "user"), _text(given, "channel"), _text(given, "thread_ts")
        )
        return web.json_response({"ok": True})

    async def create_channel(self, request: web.Request) -> web.Response:
        """Make a channel whose only member is who made it."""
        given = await _body(request)
        person = self._workspace.user(_text(given, "user"))
        name = _text(given, "name").lower().removeprefix("#")
        if not name.replace("-", "").replace("_", "").isalnum() or len(name) > membership.MAX_NAME:
            raise WorkspaceError("invalid_name", "Use letters, digits, - and _, at most 80 of them.")
        private = bool(given.get("is_private"))
        channel = membership.add_channel(self._workspace, name, person, is_private=private)
        shown = page_shapes.channel(self._workspace, channel, person, 0)
        return web.json_response({"ok": True, "channel": shown})

    async def membership(self, request: web.Request) -> web.Response:
        """Join, leave, or bring someone (the bot, too) into a channel."""
        given = await _body(request)
        person = self._workspace.user(_text(given, "user"))
        channel = page_shapes.readable_channel(self._workspace, request.match_info["channel"], person)
        what = request.match_info["what"]
        if channel.im_user:
            raise WorkspaceError("method_not_supported_for_channel_type", "This is a direct message.")
        if what == "leave":
            membership.leave(self._workspace, channel, person)
        elif what == "join":
            membership.join(self._workspace, channel, person)
        elif person.id not in channel.members:
            raise WorkspaceError("not_in_channel", "Join the channel first.")
        else:
            invitee = self._workspace.user(_text(given, "invitee"))
            membership.join(self._workspace, channel, invitee, inviter=person.id)
        return web.json_response({"ok": True})

    async def delete_file(self, request: web.Request) -> web.Response:
        """Delete a file of one's own."""
        person = self._acting(request)
        file = self._workspace.file(request.match_info["file"])
        if file.user != person.id:
            raise WorkspaceError("cant_delete_file", "Only who uploaded a file can delete it.")
        sharing.delete_file(self._workspace, file)
        return web.json_response({"ok": True})

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a message of one's own, or dismiss an ephemeral one."""
        person = self._acting(request)
        channel, ts = request.query.get("channel", ""), request.query.get("ts", "")
        for shown in self._slack.ephemerals(person.id, channel):
            if shown.ts == ts:
                self._workspace.delete(shown)
                return web.json_response({"ok": True})
        message = self._workspace.message(channel, ts)
        if message.user != person.id:
            raise WorkspaceError("cant_delete_message", "Only who wrote a message can delete it.")
        sharing.delete_message(self._workspace, message)
        return web.json_response({"ok": True})

    def _acting(self, request: web.Request) -> User:
        return self._workspace.user(request.query.get("user", ""))


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.text())
    except ValueError:
        raise WorkspaceError("invalid_json", "The request isn't JSON.") from None
    if not isinstance(body, dict):
        raise WorkspaceError("invalid_json", "The request isn't a JSON object.")
    return body


def _text(given: Json, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise WorkspaceError("invalid_arguments", f"{name} is missing.")
    if len(value) > MAX_TEXT:
        raise WorkspaceError("msg_too_long", "This text is too long.")
    return value


def _safe_name(name: str) -> str:
    """The last part of a path, without control characters, of bounded length and never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    stem, dot, suffix = printable.rpartition(".")
    if dot and len(printable) > MAX_NAME:
        printable = f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}"
    return printable[:MAX_NAME] or "file"
