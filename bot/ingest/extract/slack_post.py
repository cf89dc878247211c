"""Slack's posts: JSON with pieces of text somewhere in it, or with HTML of the whole; else HTML or text."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.domain import Page
from bot.ingest.extract.clean import clean
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.html import add_html
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Reading, Source
from bot.ingest.extract.text import text_of

WHOLE = ("full", "html")
TEXT, CHILDREN = "text", ("root", "children", "blocks", "elements")
MAX_DEPTH = 50


def read(source: Source) -> Reading:
    """One page. Raises FileRejected for binary content."""
    text, missing = text_of(source)
    return Reading(1, _pages(text, missing, source.limits))


def _pages(text: str, missing: str | None, limits: Limits) -> Iterator[Page]:
    flow = Flow(limits)
    try:
        post = json.loads(text)
    except (ValueError, RecursionError):
        post = None
    whole = (
        [post[name] for name in WHOLE if isinstance(post.get(name), str)] if isinstance(post, dict) else []
    )
    if whole:
        add_html(whole[0], flow)
    elif isinstance(post, dict):
        for line in _texts(post):
            flow.add(clean(line))
    elif text.lstrip().startswith("<"):
        add_html(text, flow)
    else:
        flow.add(text)
    yield from flow.end()
    if missing:
        raise LimitReached(missing)


def _texts(node: object, depth: int = 0) -> Iterator[str]:
    """The texts of a tree, one for each block: a lowest node, or one with only such pieces below it."""
    if not isinstance(node, dict) or depth > MAX_DEPTH:
        return
    if isinstance(own := node.get(TEXT), str):
        yield own
    below = [child for name in CHILDREN for child in _listed(node.get(name))]
    pieces = [child.get(TEXT) for child in below if isinstance(child, dict)]
    if all(isinstance(piece, str) for piece in pieces):
        yield "".join(map(str, pieces))
        return
    for child in below:
        yield from _texts(child, depth + 1)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
