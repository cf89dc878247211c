"""Slash commands, buttons, and the response_url that comes with either."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.playground import shapes
from bot.playground.content import check_content
from bot.playground.delivery import Dispatcher
from bot.playground.faults import Faults
from bot.playground.manifest import Manifest
from bot.playground.mentions import link_names
from bot.playground.model import Channel, Json, Message, User, WorkspaceError
from bot.playground.refusal import Refusal
from bot.playground.workspace import Workspace

RESPONSE_USES = 5
RESPONSE_LIFETIME_S = 30 * 60
_RESPONSE_FIELDS = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
    "mrkdwn",
    "metadata",
}


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What the person saw at once: `error` is None, `dispatch_failed` or `operation_timeout`.

    `message` is what the ack carried, if anything. Later answers arrive as messages.
    """

    error: str | None
    message: Message | None
    payload: Json

    @property
    def ok(self) -> bool:
        """Whether the app acked in time."""
        return self.error is None


@dataclass(slots=True)
class _ResponseUrl:
    user: User
    channel: Channel
    original: Message | None
    expires: float
    uses: int = RESPONSE_USES


class Interactions:
    """Sends commands and actions to the app and takes its answers."""

    def __init__(
        self,
        workspace: Workspace,
        manifest: Manifest,
        dispatcher: Dispatcher,
        faults: Faults,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._manifest = manifest
        self._dispatcher = dispatcher
        self._faults = faults
        self._now = now
        self._urls: dict[str, _ResponseUrl] = {}

    async def command(self, user: User, channel: Channel, typed: str) -> CommandOutcome:
        """Invoke a slash command. Raises WorkspaceError `unknown_command`, `not_in_channel`."""
        name, _, text = typed.strip().partition(" ")
        declared = self._manifest.command(name)
        if declared is None:
            raise WorkspaceError("unknown_command", f"{name} is not a valid command.")
        if user.id not in channel.members:
            raise WorkspaceError("not_in_channel", "Join the channel first.")
        text = text.strip()
        if declared.should_escape:
            text = link_names(self._workspace, user, text, with_names=True)
        response_url = self._new_url(user, channel, None)
        payload = {
            "token": "x",
            "team_id": self._workspace.team_id,
            "team_domain": self._workspace.domain,
            "channel_id": channel.id,
            "channel_name": _name_in_payload(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": text,
            "api_app_id": self._workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": self._workspace.triggers.new(user.id),
        }
        delivery = await self._dispatcher.request("slash_commands", payload)
        if delivery.outcome != "acked":
            return CommandOutcome(delivery.outcome, None, payload)
        message = None
        if delivery.response:
            try:
                message = self._answer(self._urls[response_url.rpartition("/")[2]], delivery.response)
            except Refusal as refusal:
                return CommandOutcome(refusal.error, None, payload)
        return CommandOutcome(None, message, payload)

    async def press(self, user: User, message: Message, action: Json) -> str | None:
        """Use a button or menu of a message; None, or the error that the person sees.

        `action` is an entry of the payload's `actions`.
        """
        channel = self._workspace.channel(message.channel)
        payload: Json = {
            "type": "block_actions",
            "user": {"id": user.id, "username": user.name, "team_id": user.team_id},
            "api_app_id": self._workspace.app_id,
            "token": "x",
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.id,
                "is_ephemeral": message.only_for is not None,
            },
            "trigger_id": self._workspace.triggers.new(user.id),
            "team": {"id": self._workspace.team_id, "domain": self._workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel.id, "name": _name_in_payload(channel)},
            "state": {"values": {}},
            "response_url": self._new_url(user, channel, message),
            "actions": [action | {"action_ts": self._workspace.clock.ts()}],
        }
        if message.only_for is None:
            payload["message"] = shapes.message(self._workspace, message)
        elif message.thread_ts:  # Slack doesn't hand ephemeral messages back
            payload["container"]["thread_ts"] = message.thread_ts
        if not self._manifest.interactivity:
            return "dispatch_failed"
        delivery = await self._dispatcher.request("interactive", payload)
        return None if delivery.outcome == "acked" else delivery.outcome

    async def message_shortcut(self, user: User, message: Message, callback_id: str) -> str | None:
        """Choose a shortcut from a message's menu; None, or the error that the person sees."""
        if callback_id not in self._manifest.message_shortcuts:
            raise WorkspaceError("unknown_shortcut", f"There is no shortcut {callback_id}.")
        channel = self._workspace.channel(message.channel)
        payload: Json = {
            "type": "message_action",
            "callback_id": callback_id,
            "token": "x",
            "action_ts": self._workspace.clock.ts(),
            "trigger_id": self._workspace.triggers.new(user.id),
            "message_ts": message.ts,
            "team": {"id": self._workspace.team_id, "domain": self._workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": user.id, "name": user.name, "team_id": user.team_id},
            "channel": {"id": channel.id, "name": _name_in_payload(channel)},
            "response_url": self._new_url(user, channel, None),
            "message": shapes.message(self._workspace, message),
        }
        delivery = await self._dispatcher.request("interactive", payload)
        return None if delivery.outcome == "acked" else delivery.outcome

    async def handle_response(self, request: web.Request) -> web.Response:
        """The aiohttp handler of `/response/{id}`: five uses within half an hour."""
        target = self._urls.get(request.match_info["id"])
        if target is None or target.uses <= 0 or self._faults.take(Faults.RESPONSE_URL):
            return _no("used_url", web.HTTPNotFound.status_code)
        if self._now() > target.expires:
            return _no("expired_url", web.HTTPNotFound.status_code)
        try:
            body = json.loads(await request.text())
        except ValueError:
            return _no("invalid_payload")
        if not isinstance(body, dict) or body.keys() - _RESPONSE_FIELDS:
            return _no("invalid_payload")
        try:
            self._answer(target, body)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=web.HTTPBadRequest.status_code)
        target.uses -= 1
        return web.Response(text="ok")

    def _answer(self, target: _ResponseUrl, body: Json) -> Message | None:
        original = target.original
        if body.get("delete_original") and original:
            self._workspace.delete(original)
            return None
        content = check_content(body)
        if body.get("replace_original") and original:
            self._workspace.edit(original, text=content.text, blocks=content.blocks)
            return original
        everyone = body.get("response_type") == "in_channel"
        message = Message(
            ts=self._workspace.clock.ts(),
            channel=target.channel.id,
            user=self._workspace.bot.id,
            bot_id=self._workspace.bot.bot_id,
            text=content.text,
            blocks=content.blocks,
            metadata=content.metadata,
            thread_ts=self._workspace.root_of(target.channel.id, body.get("thread_ts")),
            only_for=None if everyone else target.user.id,
        )
        return self._workspace.post(message) if everyone else self._workspace.post_ephemeral(message)

    def _new_url(self, user: User, channel: Channel, original: Message | None) -> str:
        key = secrets.token_urlsafe(16)
        self._urls[key] = _ResponseUrl(user, channel, original, self._now() + RESPONSE_LIFETIME_S)
        return f"{self._workspace.origin}/response/{key}"


def _no(error: str, status: int = web.HTTPBadRequest.status_code) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status)


def _name_in_payload(channel: Channel) -> str:
    if channel.im_user:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
