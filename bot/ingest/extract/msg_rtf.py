"""The compressed RTF of Outlook messages (MS-OXRTFCP): LZ77 over a window that begins filled."""

from __future__ import annotations

import struct

HEADER = struct.Struct("<LLLL")
"""Size of what follows it and of the text, in bytes; the method; a checksum, which nobody needs to hold."""
COMPRESSED, PLAIN = 0x75465A4C, 0x414C454D
WINDOW_BYTES = 4096
FIRST_WINDOW = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
SHORTEST_RUN = 2


def decompress(data: bytes, most: int) -> bytes:
    """The RTF, up to `most` bytes of it and up to the first damage. Raises ValueError for no such data."""
    if len(data) < HEADER.size:
        raise ValueError("too short")
    _, size, method, _ = HEADER.unpack_from(data)
    if method == PLAIN:
        return data[HEADER.size :][: min(size, most)]
    if method != COMPRESSED:
        raise ValueError("unknown method")
    return _unpack(data, min(size, most))


def _unpack(data: bytes, most: int) -> bytes:
    """Bits of a control byte, lowest first, say what follows: a byte as it is, or a run out of the window."""
    out = bytearray(FIRST_WINDOW)
    place = HEADER.size
    most += len(FIRST_WINDOW)
    while place < len(data) and len(out) < most:
        control = data[place]
        place += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[place : place + 1]
                place += 1
                continue
            run = int.from_bytes(data[place : place + 2], "big")
            place += 2
            back = (len(out) - (run >> 4)) % WINDOW_BYTES
            if not back or back > len(out) or place > len(data):  # the first is how a text ends
                return bytes(out[len(FIRST_WINDOW) :])
            for _ in range((run & 15) + SHORTEST_RUN):
                out.append(out[-back])
    return bytes(out[len(FIRST_WINDOW) : most])
