"""The cells of Excel's binary workbooks as they are shown (MS-XLS 2.5)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import isfinite

from bot.ingest.extract.xls_records import Book

CELL = struct.Struct("<HHH")
"""Row, column and style, counted from 0, with which each cell begins."""
FLOAT = struct.Struct("<d")
STYLED_RK = struct.Struct("<HL")
RK_HUNDREDTH, RK_WHOLE, RK_FLAGS = 1, 2, 3
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
NO_NUMBER = b"\xff\xff"
"""How the result of a formula ends that is no number; its first byte says what it is."""
IS_TRUTH, IS_ERROR = 1, 2


def _shared(body: bytes, book: Book, _style: int) -> str:
    index = int.from_bytes(body[:4], "little")
    return book.strings[index] if index < len(book.strings) else ""


def _text(body: bytes, book: Book, _style: int) -> str:
    return book.text(body)


def _float(body: bytes, book: Book, style: int) -> str:
    (number,) = FLOAT.unpack_from(body)
    return book.formats.number(number, style) if isfinite(number) else ""


def _packed(body: bytes, book: Book, style: int) -> str:
    """A number in four bytes: whole or the better half of a float, perhaps a hundredfold."""
    packed = int.from_bytes(body[:4], "little")
    if packed & RK_WHOLE:
        number = float((packed ^ 0x80000000) - 0x80000000 >> RK_WHOLE)
    else:
        (number,) = FLOAT.unpack(bytes(4) + (packed & ~RK_FLAGS).to_bytes(4, "little"))
    number = number / 100 if packed & RK_HUNDREDTH else number
    return book.formats.number(number, style) if isfinite(number) else ""


def _truth(body: bytes, _book: Book, _style: int) -> str:
    return _error(body[0]) if body[1] else _yes(body[0])


def _formula(body: bytes, book: Book, style: int) -> str:
    """Its result when it was last worked out; a text stands in the record after it."""
    if body[6:8] != NO_NUMBER:
        return _float(body, book, style)
    return {IS_TRUTH: _yes, IS_ERROR: _error}.get(body[0], lambda _: "")(body[2])


def _yes(value: int) -> str:
    return "TRUE" if value else "FALSE"


def _error(value: int) -> str:
    return ERRORS.get(value, "")


MANY = 0x00BD
ONE: dict[int, Callable[[bytes, Book, int], str]] = {
    0x00FD: _shared,
    0x0204: _text,
    0x00D6: _text,
    0x0203: _float,
    0x027E: _packed,
    0x0205: _truth,
    0x0006: _formula,
}
"""What reads the cell of each kind of record."""
CELLS = frozenset({MANY, *ONE})


def cells(kind: int, body: bytes, book: Book) -> tuple[int, list[tuple[int, str]]]:
    """A row, and columns with their texts, all from 0. Raises struct.error, IndexError for damage."""
    row, column, style = CELL.unpack_from(body)
    if kind != MANY:
        return row, [(column, ONE[kind](body[CELL.size :], book, style))]
    found: list[tuple[int, str]] = []
    for place in range(4, len(body) - STYLED_RK.size, STYLED_RK.size):
        style, _ = STYLED_RK.unpack_from(body, place)
        found.append((column + len(found), _packed(body[place + 2 :], book, style)))
    return row, found
