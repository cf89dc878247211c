"""Jupyter notebooks: notes, code and what it printed; no pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import MIB, LimitReached, Limits
from bot.ingest.extract.reading import DAMAGED, Reading, Source
from bot.ingest.extract.zip_xml import TOO_LARGE

MAX_BYTES = 64 * MIB
"""Python's JSON needs several times as much memory."""
OUTPUT_CHARS = 20_000
"""Of what one cell printed: a log of its own is a file of its own."""


def read(source: Source) -> Reading:
    """One page. Raises FileRejected when it is no notebook."""
    if source.size > MAX_BYTES:
        raise FileRejected(*TOO_LARGE)
    try:
        book = json.loads(source.read())
    except (ValueError, RecursionError):
        raise FileRejected(*DAMAGED) from None
    return Reading(1, _pages(_dicts(book, "cells") or _old_cells(book), source.limits))


def _pages(cells: list[dict[str, Any]], limits: Limits) -> Iterator[Page]:
    flow = Flow(limits)
    for cell in cells:
        kind = cell.get("cell_type")
        text = _text(cell.get("source") or cell.get("input"))
        _add(flow, text, code=kind == "code")
        for output in _dicts(cell, "outputs"):
            _add(flow, _printed(output)[:OUTPUT_CHARS], code=True)
        if flow.cut:
            break
    missing = flow.cut
    yield from flow.end()
    if missing:
        raise LimitReached(missing)


def _add(flow: Flow, text: str, *, code: bool) -> None:
    text = text.strip("\n")
    flow.count(text)
    if text.strip():
        flow.add(f"```\n{text}\n```" if code else text)


def _printed(output: dict[str, Any]) -> str:
    """What a cell printed or returned, or how it failed."""
    if "traceback" in output:
        trace = output["traceback"]
        return "\n".join(line for line in trace if isinstance(line, str)) if isinstance(trace, list) else ""
    data = output.get("data")
    shown = data.get("text/plain") if isinstance(data, dict) else None
    return _text(output.get("text") or shown)


def _text(value: object) -> str:
    """Notebooks keep a text as one or as its lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _dicts(holder: object, key: str) -> list[dict[str, Any]]:
    found = holder.get(key) if isinstance(holder, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _old_cells(book: object) -> list[dict[str, Any]]:
    """The cells of format 3, which keeps them in worksheets."""
    return [cell for sheet in _dicts(book, "worksheets") for cell in _dicts(sheet, "cells")]
