"""E-mails and web archives (MIME): who wrote what to whom when, the text, and after it what is attached.

The old policy of Python's parser, whose headers stay plain text: the new one parses them, and took 3 GB for a
hostile one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from email.message import Message

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.encoding import NotText, decode
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.html import add_html, decoded
from bot.ingest.extract.limits import MIB, LimitReached
from bot.ingest.extract.mail_parts import BROKEN, attachment, is_attached, payload
from bot.ingest.extract.parts import Part, attached_pages
from bot.ingest.extract.reading import DAMAGED, Reading, Source

MAX_BYTES = 48 * MIB
"""The parser takes five times as much memory."""
MAX_NESTED = 50
MAX_PARTS = 2_000
MAX_HEADER_CHARS = 2_000
BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
PART = re.compile(rb"^content-type\s*:", re.IGNORECASE | re.MULTILINE)
HEADERS = ("Subject", "From", "To", "Cc", "Date")
TEXTS = frozenset({"text/plain", "text/html", "text/enriched", "text/calendar", "text/markdown", "text/csv"})
"""What is read where it stands; style sheets and scripts are not for people."""


def read(source: Source) -> Reading:
    """The mail is one page, what is attached more of them. Raises FileRejected when made to overload."""
    with source.open() as file:
        data = file.read(MAX_BYTES)
        more = bool(file.read(1))
    if len(BOUNDARY.findall(data)) > MAX_NESTED or len(PART.findall(data)) > MAX_PARTS:
        raise FileRejected(*DAMAGED)
    message = message_from_bytes(data)
    return Reading(0, _pages(message, more, source))


def _pages(message: Message, more: bool, source: Source) -> Iterator[Page]:
    flow = Flow(source.limits)
    flow.title(header(message, "Subject"))
    parts = _add_message(message, flow)
    missing = flow.cut or ("only its beginning was read" if more else None)
    pages = flow.end()
    yield from pages
    if missing:
        raise LimitReached(missing)
    yield from attached_pages(parts, source, pages)


def _add_message(message: Message, flow: Flow) -> list[Part]:
    """A message's headers and texts, and those of messages within it. Returns what is attached to them."""
    attached = []
    for part in message.walk():
        if flow.cut:
            break
        for name in HEADERS:
            text = header(part, name)
            if text:
                flow.add(f"{name}: {text}", "item")
        if is_attached(part):
            attached.append(attachment(part))
            flow.add(f"Attached: {one_line(attached[-1].name)}", "item")
        elif part.get_content_type() in TEXTS and not _is_twin(part, message):
            _add_text(part, flow)
    return attached


def header(part: Message, name: str) -> str:
    """A header in one line, with encoded words decoded where that works."""
    try:
        raw = str(part.get(name, ""))[:MAX_HEADER_CHARS]
        words = decode_header(raw)
    except BROKEN:
        return ""
    pieces = []
    for word, charset in words:
        if isinstance(word, str):
            pieces.append(word)
            continue
        try:
            pieces.append(word.decode(charset or "latin-1", "replace"))
        except BROKEN:
            pieces.append(word.decode("latin-1"))
    return " ".join("".join(pieces).split())


def _is_twin(part: Message, message: Message) -> bool:
    """Whether a part only repeats as HTML what another part says as plain text."""
    if part.get_content_subtype() != "html":
        return False
    for parent in message.walk():
        parts = parent.get_payload()
        if parent.get_content_type() == "multipart/alternative" and isinstance(parts, list) and part in parts:
            twins = [each for each in parts if isinstance(each, Message)]
            return any(payload(each).strip() for each in twins if each.get_content_type() == "text/plain")
    return False


def _add_text(part: Message, flow: Flow) -> None:
    data = payload(part)
    try:
        charset = part.get_content_charset() or ""
    except BROKEN:
        charset = ""
    try:
        if part.get_content_subtype() == "html":
            add_html(decoded(data, charset), flow)
        else:
            text = _plain(data, charset)
            flow.count(text)
            flow.add(text)
    except NotText:
        return


def _plain(data: bytes, charset: str) -> str:
    """Plain text by its declared encoding, or by its bytes where that is unknown or none."""
    if charset and charset != "us-ascii":
        try:
            return data.decode(charset, "replace")
        except BROKEN:
            pass
    return decode(data)
