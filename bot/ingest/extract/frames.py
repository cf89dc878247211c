"""How parent and child talk: JSON, each message after its length in four bytes, big endian.

JSON because the parent reads what a child says that a hostile file may have taken over.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 4 * 1024 * 1024
"""Several times the largest honest message, a batch of chunks."""


def pack(message: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """One message as it goes through the pipe."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return LENGTH.pack(len(body)) + body


def read(stream: BinaryIO) -> Any:  # noqa: ANN401 - any JSON value
    """The next message of our own parent, or None at the end. Blocks."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    return json.loads(stream.read(length))
