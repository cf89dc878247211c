"""Checks what a message is made of, whichever way it comes: chat methods or a response_url."""

from __future__ import annotations

from dataclasses import dataclass

from bot.playground.blocks import check_blocks
from bot.playground.model import Json
from bot.playground.refusal import Refusal

MAX_TEXT = 40_000
MAX_ATTACHMENTS = 100


@dataclass(frozen=True, slots=True)
class Content:
    """`blocks` is None when none were given, [] when they are to be removed."""

    text: str
    blocks: list[Json] | None
    metadata: Json | None


def check_content(arguments: Json) -> Content:
    """Raise Refusal `no_text`, `msg_too_long`, `markdown_text_conflict`, or what is wrong with blocks."""
    text = arguments.get("text") or ""
    blocks = arguments.get("blocks")
    attachments = arguments.get("attachments") or []
    markdown = arguments.get("markdown_text")
    if markdown is not None:
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    if not isinstance(text, str) or (not text and not blocks and not attachments):
        raise Refusal("no_text")
    if len(text) > MAX_TEXT:
        raise Refusal("msg_too_long")
    if not isinstance(attachments, list) or len(attachments) > MAX_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    if blocks is not None:
        check_blocks(blocks)
    return Content(text=text, blocks=blocks, metadata=_metadata(arguments.get("metadata")))


def _metadata(given: object) -> Json | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    if not isinstance(given.get("event_type"), str) or not given["event_type"]:
        raise Refusal("invalid_metadata_format")
    return dict(given)
