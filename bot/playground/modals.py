"""Modals: forms that the app opens over the page, and what people write into them."""

from __future__ import annotations

from bot.playground.block_text import check_text
from bot.playground.blocks import MAX_VIEW_BLOCKS, check_blocks
from bot.playground.delivery import Dispatcher
from bot.playground.model import Json, User, WorkspaceError
from bot.playground.refusal import Refusal, with_messages
from bot.playground.workspace import Workspace

MAX_TITLE, MAX_CALLBACK_ID, MAX_METADATA = 24, 255, 3_000
_FIELDS = {
    "type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close",
    "notify_on_close", "external_id",
}  # fmt: skip  # a table


def check_modal(view: object) -> Json:
    """The view, if it is a modal that Slack takes. Raises Refusal."""
    if not isinstance(view, dict) or view.get("type") != "modal":
        raise with_messages("invalid_arguments", ["unsupported type [json-pointer:/view/type]"])
    problems = [f"invalid additional property: {key} [json-pointer:/view]" for key in view.keys() - _FIELDS]
    for name in ("title", "submit", "close"):
        if name == "title" or name in view:
            problems += check_text(view.get(name), f"/view/{name}", MAX_TITLE, kinds=("plain_text",))
    for name, limit in (("callback_id", MAX_CALLBACK_ID), ("private_metadata", MAX_METADATA)):
        if len(str(view.get(name, ""))) > limit:
            problems.append(f"must be less than {limit + 1} characters [json-pointer:/view/{name}]")
    if problems:
        raise with_messages("invalid_arguments", problems)
    check_blocks(view.get("blocks"), limit=MAX_VIEW_BLOCKS)
    if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        raise with_messages("invalid_arguments", ["missing required field: submit [json-pointer:/view]"])
    return view


class Modals:
    """One modal a person at most; `workspace.modals` holds those that are open."""

    def __init__(self, workspace: Workspace, dispatcher: Dispatcher) -> None:
        self._workspace = workspace
        self._dispatcher = dispatcher

    async def submit(self, user: User, values: dict[str, str]) -> str | None:
        """Send the form with what was written, by block id; None, or the error that the person sees."""
        view = self._workspace.modals.get(user.id)
        if view is None:
            raise WorkspaceError("no_such_view", "There is no form open.")
        delivery = await self._dispatcher.request("interactive", self._payload(user, view, values))
        if delivery.outcome != "acked":
            return delivery.outcome
        answer = delivery.response or {}
        if answer.get("response_action") == "errors":
            return "; ".join(map(str, answer.get("errors", {}).values()))
        if answer.get("response_action") in {"update", "push"}:
            try:
                self._workspace.show_modal(user, check_modal(answer.get("view")))
            except Refusal as refusal:
                return refusal.error
        else:
            self._workspace.show_modal(user, None)
        return None

    def _payload(self, user: User, view: Json, values: dict[str, str]) -> Json:
        workspace = self._workspace
        written = {
            block["block_id"]: {
                block["element"]["action_id"]: {
                    "type": block["element"]["type"],
                    "value": values.get(block["block_id"]) or None,
                }
            }
            for block in view["blocks"]
            if block["type"] == "input"
        }
        shown = view | {
            "team_id": workspace.team_id,
            "app_id": workspace.app_id,
            "bot_id": workspace.bot.bot_id,
            "state": {"values": written},
        }
        return {
            "type": "view_submission",
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": workspace.app_id,
            "token": "x",
            "trigger_id": workspace.triggers.new(user.id),
            "view": shown,
            "response_urls": [],
            "is_enterprise_install": False,
            "enterprise": None,
        }
