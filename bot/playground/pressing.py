"""Finds what a person presses in a message or a view, and what Slack then says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.playground.model import Json, Message, WorkspaceError


def action_of(message: Message, action_id: str, *, block_id: str | None, value: str | None) -> Json:
    """What Slack says of pressing something in a message: `action_in` its blocks."""
    return action_in(message.blocks or [], action_id, block_id=block_id, value=value)


def action_in(blocks: Sequence[Json], action_id: str, *, block_id: str | None, value: str | None) -> Json:
    """The `actions` entry of pressing a button, choosing an option or giving feedback.

    `value` chooses among options; a button has its own. Raises WorkspaceError `no_such_action`.
    """
    for holder, element in _elements(blocks):
        if element.get("action_id") == action_id and block_id in {None, holder}:
            base = {"type": element["type"], "action_id": action_id, "block_id": holder}
            chosen = _chosen(element, value)
            if chosen is not None:
                return base | chosen
    raise WorkspaceError("no_such_action", "There is nothing like that to press here.")


def _elements(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    for position, block in enumerate(blocks):
        block_id = block.get("block_id", f"b{position}")
        held = block.get("elements", [])
        for element in [*held, block.get("accessory")]:
            if isinstance(element, dict):
                yield block_id, element


def _chosen(element: Json, value: str | None) -> Json | None:
    match element["type"]:
        case "button":
            return {key: element[key] for key in ("text", "value", "url", "style") if key in element}
        case "feedback_buttons":
            for choice in (element["positive_button"], element["negative_button"]):
                if choice["value"] == value:
                    return {"value": value, "text": choice["text"]}
        case _:
            for option in element.get("options", []):
                if option["value"] == value:
                    return {"selected_option": option}
    return None
