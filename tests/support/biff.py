"""Excel's binary workbooks made on the spot: BIFF8 (MS-XLS) and XLSB (MS-XLSB)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from support.office import package, relations
from support.ole import make_ole

BEGIN, END, SHEET, STRINGS, CONTINUE = 0x0809, 0x000A, 0x0085, 0x00FC, 0x003C
FORMAT, STYLE, LABEL, NUMBER, FORMULA = 0x041E, 0x00E0, 0x00FD, 0x0203, 0x0006


def record(number: int, body: bytes = b"") -> bytes:
    """A record of BIFF."""
    return struct.pack("<HH", number, len(body)) + body


def wide(text: str, length: str = "H") -> bytes:
    """A text with its length before it."""
    return struct.pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def cell(number: int, row: int, column: int, body: bytes, style: int = 0) -> bytes:
    """A cell's record."""
    return record(number, struct.pack("<HHH", row, column, style) + body)


def shared(row: int, column: int, index: int) -> bytes:
    """A cell with the shared text of this number."""
    return cell(LABEL, row, column, struct.pack("<L", index))


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    """A cell with a number."""
    return cell(NUMBER, row, column, struct.pack("<d", value), style)


def make_xls(
    sheets: Mapping[str, bytes],
    texts: Sequence[str] = (),
    before: bytes = b"",
    *,
    strings: bytes | None = None,
    version: int = 0x0600,
) -> bytes:
    """A workbook of these sheets, by name: the records of their cells. `before` are records before them."""
    begin = record(BEGIN, struct.pack("<HH", version, 5))
    if strings is None:
        strings = record(STRINGS, struct.pack("<LL", len(texts), len(texts)) + b"".join(map(wide, texts)))
    names = {
        name: wide(name, "B") if version == 0x0600 else bytes([len(name)]) + name.encode() for name in sheets
    }
    place = len(begin + before + strings + record(END)) + sum(10 + len(name) for name in names.values())
    entries, bodies = b"", b""
    for name, cells in sheets.items():
        entries += record(SHEET, struct.pack("<LH", place + len(bodies), 0) + names[name])
        bodies += begin + cells + record(END)
    return make_ole({"Workbook": begin + before + entries + strings + record(END) + bodies})


def _short(kind: int, body: bytes = b"") -> bytes:
    """A record of XLSB; its size takes a byte for each seven bits."""
    size = bytes([len(body)]) if len(body) < 0x80 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
    return kind.to_bytes(1 if kind < 0x80 else 2, "little") + size + body


def _long(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def make_xlsb(name: str, rows: Sequence[Sequence[str | float]]) -> bytes:
    """A workbook of one sheet."""
    extent = struct.pack("<LLLL", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    data = _short(0x0181) + _short(0x0194, extent) + _short(0x0191)
    for index, row in enumerate(rows):
        data += _short(0x00, struct.pack("<LLHBBBL", index, 0, 0, 0, 0, 0, 0))
        for column, value in enumerate(row):
            head = struct.pack("<LL", column, 0)
            if isinstance(value, str):
                data += _short(0x06, head + _long(value))
            else:
                data += _short(0x05, head + struct.pack("<d", value))
    data += _short(0x0192) + _short(0x0182)
    sheet = _short(0x019C, struct.pack("<LL", 0, 1) + _long("r1") + _long(name))
    book = _short(0x0183) + _short(0x018F) + sheet + _short(0x0190) + _short(0x0184)
    return package(
        "xl/workbook.bin",
        {
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations({"r1": "worksheet worksheets/sheet1.bin"}),
            "xl/worksheets/sheet1.bin": data,
        },
    )
