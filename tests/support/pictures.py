"""Pictures of text, as screenshots and scanners make them."""

from __future__ import annotations

import ctypes
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from bot.playground.demo_pdf import file_of
from support.pdf import make_pdf

PAGE_POINTS = (595, 842)


@dataclass(frozen=True)
class Picture:
    """Shades of grey, a byte a pixel, row after row."""

    width: int
    height: int
    pixels: bytes


def picture_of(text: str, dpi: int = 100) -> Picture:
    """A page of text as a scanner sees it."""
    document = pypdfium2.PdfDocument(make_pdf([text]))
    bitmap = document[0].render(scale=dpi / 72, grayscale=True)
    address = ctypes.cast(raw.FPDFBitmap_GetBuffer(bitmap.raw), ctypes.c_void_p).value
    rows = [ctypes.string_at(address + y * bitmap.stride, bitmap.width) for y in range(bitmap.height)]
    return Picture(bitmap.width, bitmap.height, b"".join(rows))


def png(picture: Picture) -> bytes:
    width, height, pixels = picture.width, picture.height, picture.pixels
    rows = b"".join(b"\0" + pixels[y * width : (y + 1) * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = _piece(b"IHDR", header) + _piece(b"IDAT", zlib.compress(rows)) + _piece(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _piece(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bmp(picture: Picture) -> bytes:
    """Lines from the bottom up, padded to four bytes; a palette of greys."""
    stride = -(-picture.width // 4) * 4
    rows = [
        picture.pixels[y * picture.width : (y + 1) * picture.width].ljust(stride, b"\0")
        for y in reversed(range(picture.height))
    ]
    palette = b"".join(bytes((shade, shade, shade, 0)) for shade in range(256))
    start = 14 + 40 + len(palette)
    size = start + stride * picture.height
    info = struct.pack("<IiiHHIIiiII", 40, picture.width, picture.height, 1, 8, 0, 0, 3937, 3937, 256, 256)
    return struct.pack("<2sIHHI", b"BM", size, 0, 0, start) + info + palette + b"".join(rows)


def tiff(pictures: Sequence[Picture]) -> bytes:
    """Several pictures in one file, each after its directory."""
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number, picture in enumerate(pictures):
        tags = {
            256: picture.width,
            257: picture.height,
            258: 8,
            259: 1,
            262: 1,
            277: 1,
            278: picture.height,
            279: len(picture.pixels),
        }
        tags[273] = len(out) + 2 + 12 * (len(tags) + 1) + 4
        end = tags[273] + len(picture.pixels)
        following = end if number + 1 < len(pictures) else 0
        out += struct.pack("<H", len(tags))
        out += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
        out += struct.pack("<I", following) + picture.pixels
    return bytes(out)


def scan(pages: Sequence[Picture | str]) -> bytes:
    """A PDF of pictures that fill their pages; a text becomes a page of text instead."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 3 * number} 0 R" for number in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for number, page in enumerate(pages):
        first = 4 + 3 * number
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            % (*PAGE_POINTS, first + 1)
            + b"/Resources << /Font << /F1 3 0 R >> /XObject << /Im %d 0 R >> >> >>" % (first + 2)
        )
        if isinstance(page, str):
            objects += [_stream(b"", b"BT /F1 11 Tf 50 800 Td (%s) Tj ET" % page.encode()), b"null"]
            continue
        filled = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8 "
        filled += b"/Filter /FlateDecode "
        filled += b"/Width %d /Height %d " % (page.width, page.height)
        objects.append(_stream(b"", b"%d 0 0 %d 0 0 cm /Im Do" % PAGE_POINTS))
        objects.append(_stream(filled, zlib.compress(page.pixels)))
    return file_of(objects)


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)
