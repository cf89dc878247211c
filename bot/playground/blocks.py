"""Checks the blocks of a message as Slack does, within Slack's published limits.

Each finding names what is wrong and where, as a JSON pointer. The limits are those of
https://docs.slack.dev/reference/block-kit; that of the whole message is what users of Bolt
measured (slackapi/bolt-js issues 2509 and 2867).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.playground.block_elements import check_element
from bot.playground.block_text import check_text
from bot.playground.model import Json
from bot.playground.refusal import Refusal, with_messages

MAX_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_SECTION = 3_000
MAX_FIELDS = 10
MAX_FIELD = 2_000
MAX_HEADER = 150
MAX_CONTEXT_ELEMENTS = 10
MAX_ACTIONS = 25
MAX_CONTEXT_ACTIONS = 5
MAX_BLOCK_ID = 255
MAX_LABEL = 2_000
MAX_MARKDOWN = 12_000
MAX_MESSAGE = 13_200

_FIELDS: dict[str, set[str]] = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text"},
    "divider": set(),
    "context": {"elements"},
    "actions": {"elements"},
    "context_actions": {"elements"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "markdown": {"text"},
    "rich_text": {"elements"},
    "image": {"image_url", "alt_text", "title"},
}
_ELEMENTS: dict[str, tuple[int, tuple[str, ...]]] = {
    "context": (MAX_CONTEXT_ELEMENTS, ("mrkdwn", "plain_text", "image")),
    "actions": (MAX_ACTIONS, ("button", "static_select", "overflow")),
    "context_actions": (MAX_CONTEXT_ACTIONS, ("feedback_buttons", "icon_button")),
}
_REQUIRED = {"markdown": ("text",), "rich_text": ("elements",), "image": ("image_url", "alt_text")}
_ACCESSORIES = ("button", "image", "overflow", "static_select")
_INPUTS = ("plain_text_input", "number_input", "static_select", "multi_static_select")


def check_blocks(blocks: object, *, limit: int = MAX_BLOCKS) -> None:
    """Raise Refusal `invalid_blocks_format`, `invalid_blocks` or `msg_blocks_too_long`."""
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    problems: list[str] = []
    if len(blocks) > limit:
        problems.append(f"no more than {limit} items allowed [json-pointer:/blocks]")
    for position, block in enumerate(blocks):
        problems += _check_block(block, f"/blocks/{position}")
    problems += _check_ids([block for block in blocks if isinstance(block, dict)])
    if problems:
        raise with_messages("invalid_blocks", problems)
    markdown = sum(len(str(block["text"])) for block in blocks if block["type"] == "markdown")
    if markdown > MAX_MARKDOWN or sum(map(len, texts_in(blocks))) > MAX_MESSAGE:
        raise Refusal("msg_blocks_too_long")


def texts_in(node: object) -> Iterator[str]:
    """Every string under a key `text`, however deep: what counts as a message's block text."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts_in(value)


def _check_block(block: object, where: str) -> list[str]:
    if not isinstance(block, dict):
        return [f"must be an object [json-pointer:{where}]"]
    kind = str(block.get("type"))
    if kind not in _FIELDS:
        return [f"unsupported type: {kind} [json-pointer:{where}/type]"]
    unknown = block.keys() - _FIELDS[kind] - {"type", "block_id"}
    problems = [f"invalid additional property: {key} [json-pointer:{where}]" for key in unknown]
    block_id = block.get("block_id", "")
    if not isinstance(block_id, str) or len(block_id) > MAX_BLOCK_ID:
        problems.append(f"must be less than {MAX_BLOCK_ID + 1} characters [json-pointer:{where}/block_id]")
    return problems + _check_content(kind, block, where)


def _check_content(kind: str, block: Json, where: str) -> list[str]:
    if kind == "section":
        return _check_section(block, where)
    if kind == "header":
        return check_text(block.get("text"), f"{where}/text", MAX_HEADER, kinds=("plain_text",))
    if kind == "input":
        problems = check_text(block.get("label"), f"{where}/label", MAX_LABEL, kinds=("plain_text",))
        return problems + check_element(block.get("element"), f"{where}/element", _INPUTS)
    if kind in _ELEMENTS:
        return _check_elements(block, where, *_ELEMENTS[kind])
    missing = [name for name in _REQUIRED.get(kind, ()) if not block.get(name)]
    return [f"missing required field: {name} [json-pointer:{where}]" for name in missing]


def _check_section(block: Json, where: str) -> list[str]:
    problems: list[str] = []
    fields = block.get("fields")
    if "text" in block or fields is None:
        problems += check_text(block.get("text"), f"{where}/text", MAX_SECTION)
    if fields is not None:
        if not isinstance(fields, list) or not 0 < len(fields) <= MAX_FIELDS:
            problems.append(f"between 1 and {MAX_FIELDS} items allowed [json-pointer:{where}/fields]")
        else:
            for position, field in enumerate(fields):
                problems += check_text(field, f"{where}/fields/{position}", MAX_FIELD)
    if "accessory" in block:
        problems += check_element(block["accessory"], f"{where}/accessory", _ACCESSORIES)
    return problems


def _check_elements(block: Json, where: str, limit: int, kinds: Sequence[str]) -> list[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= limit:
        return [f"between 1 and {limit} items allowed [json-pointer:{where}/elements]"]
    problems: list[str] = []
    for position, element in enumerate(elements):
        problems += check_element(element, f"{where}/elements/{position}", kinds)
    return problems


def _check_ids(blocks: Sequence[Json]) -> list[str]:
    problems: list[str] = []
    seen: set[str] = set()
    for position, block in enumerate(blocks):
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                where = f"/blocks/{position}/block_id"
                problems.append(f"block_id {block_id} already exists [json-pointer:{where}]")
            seen.add(block_id)
        elements = block.get("elements")
        holders = elements if isinstance(elements, list) else [block.get("accessory")]
        ids = [str(e["action_id"]) for e in holders if isinstance(e, dict) and "action_id" in e]
        if len(ids) != len(set(ids)):
            problems.append(f"action_id already exists [json-pointer:/blocks/{position}]")
    return problems
