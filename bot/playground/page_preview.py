"""What a file's card shows of it: the first lines of a text, a picture, or a PDF's first page."""

from __future__ import annotations

from urllib.parse import quote

from bot.playground.model import File, Json, User

MAX_LINES = 6
MAX_CHARS = 600
PDF = "application/pdf"
_TEXTS = ("text/", "application/json", "application/x-yaml", "application/yaml")
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What browsers draw without running anything in it."""


def preview(file: File, person: User) -> Json:
    """`lines` of a text and whether there are `more`, or the address of a `picture`; {} without either."""
    if not file.data:
        return {}
    address = f"/playground/file/{file.id}?user={quote(person.id)}"
    if file.mimetype in _PICTURES:
        return {"picture": address}
    if file.mimetype == PDF:
        return {"picture": f"/playground/first-page/{file.id}?user={quote(person.id)}"}
    return _beginning(file) if file.mimetype.startswith(_TEXTS) else {}


def _beginning(file: File) -> Json:
    text = file.data[: 4 * MAX_CHARS].decode("utf-8", "ignore")
    lines = text[:MAX_CHARS].strip("\ufeff\r\n").splitlines()
    shown = [line.rstrip() for line in lines[:MAX_LINES]]
    if not any(shown):
        return {}
    return {"lines": shown, "more": len(lines) > MAX_LINES or len(text) > MAX_CHARS}
