"""Checks what blocks hold: buttons, menus, images, feedback buttons, text in a context."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.block_text import check_text
from bot.playground.model import Json

MAX_CONTEXT_TEXT = 3_000
MAX_BUTTON_TEXT = 75
MAX_BUTTON_VALUE = 2_000
MAX_URL = 3_000
MAX_ACTION_ID = 255
MAX_OPTIONS = {"static_select": 100, "multi_static_select": 100, "overflow": 5}
MAX_PLACEHOLDER = 150

_FIELDS: dict[str, set[str]] = {
    "button": {"text", "action_id", "value", "url", "style", "confirm", "accessibility_label"},
    "image": {"image_url", "alt_text"},
    "static_select": {"action_id", "placeholder", "options", "option_groups", "initial_option", "confirm"},
    "multi_static_select": {
        "action_id",
        "placeholder",
        "options",
        "option_groups",
        "initial_options",
        "max_selected_items",
        "focus_on_load",
        "confirm",
    },
    "number_input": {
        "action_id",
        "is_decimal_allowed",
        "initial_value",
        "min_value",
        "max_value",
        "placeholder",
        "focus_on_load",
        "dispatch_action_config",
    },
    "overflow": {"action_id", "options", "confirm"},
    "feedback_buttons": {"action_id", "positive_button", "negative_button"},
    "plain_text_input": {
        "action_id",
        "multiline",
        "min_length",
        "max_length",
        "placeholder",
        "initial_value",
        "focus_on_load",
        "dispatch_action_config",
    },
    "icon_button": {"action_id", "icon", "text", "value", "confirm", "accessibility_label"},
}


def check_element(element: object, where: str, kinds: Sequence[str]) -> list[str]:
    """What is wrong with an element that may be of these kinds; [] when nothing is."""
    if not isinstance(element, dict):
        return [f"must be an object [json-pointer:{where}]"]
    kind = str(element.get("type"))
    if kind not in kinds:
        return [f"unsupported type: {kind} [json-pointer:{where}/type]"]
    if kind in {"mrkdwn", "plain_text"}:
        return check_text(element, where, MAX_CONTEXT_TEXT)
    unknown = element.keys() - _FIELDS[kind] - {"type"}
    problems = [f"invalid additional property: {key} [json-pointer:{where}]" for key in unknown]
    problems += _too_long(element, where, "action_id", MAX_ACTION_ID)
    if "placeholder" in element:
        at = f"{where}/placeholder"
        problems += check_text(element["placeholder"], at, MAX_PLACEHOLDER, kinds=("plain_text",))
    return problems + _check_kind(kind, element, where)


def _check_kind(kind: str, element: Json, where: str) -> list[str]:
    match kind:
        case "button":
            return _check_button(element, where)
        case "image":
            missing = {"image_url", "alt_text"} - element.keys()
            return [f"missing required field: {name} [json-pointer:{where}]" for name in missing]
        case "feedback_buttons":
            problems: list[str] = []
            for name in ("positive_button", "negative_button"):
                problems += _check_choice(element.get(name), f"{where}/{name}")
            return problems
        case "static_select" | "multi_static_select" | "overflow":
            return _check_options(element, where, MAX_OPTIONS[kind]) + _check_chosen(element, where)
        case "number_input":
            return _check_number(element, where)
    return []


def _check_chosen(element: Json, where: str) -> list[str]:
    """What is chosen at first has to be among the options, and there has to be something in a list of it."""
    name = "initial_options" if element["type"] == "multi_static_select" else "initial_option"
    if name not in element:
        return []
    chosen, options = element[name], element.get("options") or []
    several = chosen if name == "initial_options" else [chosen]
    fine = isinstance(several, list) and several and all(one in options for one in several)
    return [] if fine else [f"must be among the options [json-pointer:{where}/{name}]"]


def _check_number(element: Json, where: str) -> list[str]:
    problems = []
    if not isinstance(element.get("is_decimal_allowed"), bool):
        problems.append(f"missing required field: is_decimal_allowed [json-pointer:{where}]")
    for name in ("initial_value", "min_value", "max_value"):
        value = element.get(name, "0")
        if not isinstance(value, str) or not value.lstrip("-").replace(".", "", 1).isdigit():
            problems.append(f"must be a number as a string [json-pointer:{where}/{name}]")
    return problems


def _check_button(element: Json, where: str) -> list[str]:
    problems = check_text(element.get("text"), f"{where}/text", MAX_BUTTON_TEXT, kinds=("plain_text",))
    problems += _too_long(element, where, "value", MAX_BUTTON_VALUE)
    problems += _too_long(element, where, "url", MAX_URL)
    if element.get("style") not in {None, "primary", "danger"}:
        problems.append(f"unsupported style [json-pointer:{where}/style]")
    return problems


def _check_choice(choice: object, where: str) -> list[str]:
    if not isinstance(choice, dict):
        return [f"must be an object [json-pointer:{where}]"]
    problems = check_text(choice.get("text"), f"{where}/text", MAX_BUTTON_TEXT)
    return problems + _too_long(choice, where, "value", MAX_BUTTON_VALUE)


def _check_options(element: Json, where: str, limit: int) -> list[str]:
    options = element.get("options")
    if options is None and "option_groups" in element:
        return []
    if not isinstance(options, list) or not 0 < len(options) <= limit:
        return [f"between 1 and {limit} items allowed [json-pointer:{where}/options]"]
    problems: list[str] = []
    for position, option in enumerate(options):
        problems += _check_choice(option, f"{where}/options/{position}")
    return problems


def _too_long(element: Json, where: str, name: str, limit: int) -> list[str]:
    value = element.get(name, "")
    if isinstance(value, str) and len(value) <= limit:
        return []
    return [f"must be less than {limit + 1} characters [json-pointer:{where}/{name}]"]
