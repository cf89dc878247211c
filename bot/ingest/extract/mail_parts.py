"""What is attached to a mail, as against its text and what decorates it."""

from __future__ import annotations

import mimetypes
from email.errors import MessageError
from email.message import Message
from functools import partial

from bot.ingest.extract.parts import Part

BROKEN = (MessageError, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What Python's parser and its decoders raise on malformed mail. It costs the header or part."""
SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


def is_attached(part: Message) -> bool:
    """Whether a part is a file of its own: declared as one, or no text, and no picture in the text."""
    if part.is_multipart() or part.get_content_type() in SIGNATURES:
        return False
    kind = part.get_content_maintype()
    if kind in {"text", "image", "multipart"}:
        return _disposition(part) == "attachment" or bool(_name(part, declared=True))
    return True


def attachment(part: Message) -> Part:
    """A part as a file."""
    mimetype = part.get_content_type()
    name = _name(part) or f"attachment{mimetypes.guess_extension(mimetype) or ''}"
    inline = _disposition(part) != "attachment" or "Content-ID" in part
    decoration = inline and part.get_content_maintype() == "image"
    return Part(name, mimetype, partial(payload, part), decoration=decoration)


def payload(part: Message) -> bytes:
    """The decoded bytes of a part; none when they can't be decoded."""
    try:
        data = part.get_payload(decode=True)
    except BROKEN:
        return b""
    return data if isinstance(data, bytes) else b""


def _disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except BROKEN:
        return ""


def _name(part: Message, *, declared: bool = False) -> str:
    """Its file name; only that of its disposition when it has to be `declared`."""
    try:
        if declared and part.get_param("filename", header="content-disposition") is None:
            return ""
        return part.get_filename() or ""
    except BROKEN:
        return ""
