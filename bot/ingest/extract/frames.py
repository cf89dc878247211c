"""How parent and child talk: a message is a JSON list and, in a batch of chunks, their text after it.

On the pipe: the length of all that follows and the length of the JSON, four bytes each, big endian; the
JSON; the text as UTF-8. JSON because the parent reads what a hostile file may have made the child say, and
the text beside it because quoting it took more time than cutting it.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 4 * 1024 * 1024
"""Several times the largest honest message, a batch of chunks."""


class BadFrame(ValueError):
    """Not a message of ours."""


def pack(message: Any, text: str = "") -> bytes:  # noqa: ANN401 - any JSON value
    """One message as it goes through the pipe."""
    head = json.dumps(message, separators=(",", ":")).encode()
    body = text.encode()
    return LENGTH.pack(LENGTH.size + len(head) + len(body)) + LENGTH.pack(len(head)) + head + body


def length(prefix: bytes) -> int:
    """The length that the first four bytes announce. Raises BadFrame for one that is none of ours."""
    (announced,) = LENGTH.unpack(prefix)
    if not LENGTH.size < announced <= MAX_FRAME_BYTES:
        raise BadFrame("length")
    return int(announced)


def unpack(frame: bytes) -> tuple[Any, str]:
    """The message and the text in what follows the first four bytes. Raises BadFrame."""
    (size,) = LENGTH.unpack_from(frame)
    end = LENGTH.size + size
    try:
        return json.loads(frame[LENGTH.size : end]), frame[end:].decode()
    except (ValueError, RecursionError) as error:
        raise BadFrame(type(error).__name__) from None


def read(stream: BinaryIO) -> Any:  # noqa: ANN401 - any JSON value
    """The next message of our own parent, or None at the end. Blocks."""
    prefix = stream.read(LENGTH.size)
    return unpack(stream.read(length(prefix)))[0] if prefix else None
