"""What a child runs, `python -m bot.playground.page_picture PARENT`: the top of a PDF's first page as a PNG.

The PDF comes on stdin, the PNG goes to stdout. A hostile one costs this process, not the demo.
"""

from __future__ import annotations

import struct
import sys
import zlib

import pypdfium2

from bot.ingest.extract.confine import CpuBudget, confine, die_with_parent
from bot.ingest.extract.limits import Limits, OcrTime

WIDTH_PX = 460
HEIGHT_PX = 260
LIMITS = Limits(page_cpu_s=5)


def main(parent: int) -> None:
    """Draw what stdin holds. Whatever is wrong with it ends the process with an error."""
    die_with_parent(parent)
    confine(LIMITS)
    CpuBudget(LIMITS, OcrTime())
    sys.stdout.buffer.write(picture(sys.stdin.buffer.read()))


def picture(pdf: bytes) -> bytes:
    """The top of the first page, `WIDTH_PX` wide and at most `HEIGHT_PX` high."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        width, height = page.get_size()
        scale = WIDTH_PX / width
        below = max(0.0, height - HEIGHT_PX / scale)
        drawn = page.render(scale=scale, crop=(0, below, 0, 0), rev_byteorder=True)
        return _png(drawn.width, drawn.height, drawn.n_channels, drawn.stride, bytes(drawn.buffer))


def _png(width: int, height: int, channels: int, stride: int, pixels: bytes) -> bytes:
    """Pixels of 8 bits a channel as a PNG without filters: https://www.w3.org/TR/png-3/."""
    colours = {1: 0, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + pixels[y * stride : y * stride + width * channels] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    body = _part(b"IHDR", header) + _part(b"IDAT", zlib.compress(rows)) + _part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main(int(sys.argv[1]))
