"""Modals: forms that the app opens over the page, and what people write into them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.playground.block_text import check_text
from bot.playground.blocks import MAX_VIEW_BLOCKS, check_blocks
from bot.playground.delivery import Dispatcher
from bot.playground.model import Json, User, WorkspaceError
from bot.playground.refusal import Refusal, with_messages
from bot.playground.workspace import Workspace

Written = str | list[str]
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

    async def press(self, user: User, view: Json, action: Json) -> str | None:
        """Use a button or menu of a view; None, or the error that the person sees."""
        payload = self.about(user, view, {}) | {
            "type": "block_actions",
            "container": {"type": "view", "view_id": view["id"]},
            "actions": [action | {"action_ts": self._workspace.clock.ts()}],
        }
        delivery = await self._dispatcher.request("interactive", payload)
        return None if delivery.outcome == "acked" else delivery.outcome

    async def submit(self, user: User, values: Mapping[str, Written]) -> str | None:
        """Send the form with what was put in, by block id; None, or the error that the person sees."""
        view = self._workspace.modals.get(user.id)
        if view is None:
            raise WorkspaceError("no_such_view", "There is no form open.")
        inputs = [block for block in view["blocks"] if block["type"] == "input"]
        state = {block["block_id"]: filled(block, values.get(block["block_id"])) for block in inputs}
        payload = self.about(user, view, state) | {"type": "view_submission", "response_urls": []}
        delivery = await self._dispatcher.request("interactive", payload)
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

    def about(self, user: User, view: Json, state: Json) -> Json:
        """What Slack says of whoever did something in a view, with what they filled in."""
        workspace = self._workspace
        shown = view | {
            "team_id": workspace.team_id,
            "app_id": workspace.app_id,
            "bot_id": workspace.bot.bot_id,
            "state": {"values": state},
        }
        return {
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": workspace.app_id,
            "token": "x",
            "trigger_id": workspace.triggers.new(user.id),
            "view": shown,
            "is_enterprise_install": False,
            "enterprise": None,
        }


def filled(block: Json, written: Written | None) -> Json:
    """A field's part of a form's state. Raises WorkspaceError for what Slack's own form doesn't let out."""
    element = block["element"]
    kind, action_id = element["type"], element["action_id"]
    if kind in {"static_select", "multi_static_select"}:
        several = [written] if isinstance(written, str) else written or []
        chosen = [option for option in element["options"] if option["value"] in several]
        if len(chosen) != len(several):
            raise WorkspaceError("invalid_option", "There is no such choice.")
        if kind == "multi_static_select":
            return {action_id: {"type": kind, "selected_options": chosen}}
        return {action_id: {"type": kind, "selected_option": chosen[0] if chosen else None}}
    if kind == "number_input" and written:
        low, high = (float(element.get(name, written)) for name in ("min_value", "max_value"))
        if not low <= float(str(written)) <= high:
            raise WorkspaceError("invalid_number", f"Enter a number from {low:g} to {high:g}.")
    return {action_id: {"type": kind, "value": written or None}}
