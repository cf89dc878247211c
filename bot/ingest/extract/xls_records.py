"""The records of Excel's binary workbooks (MS-XLS): what is before the sheets, and texts in either form.

BIFF8 is Excel 97 to 2003, with texts in Unicode; BIFF5 is Excel 5 and 95, with bytes in a code page.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.errors import FileRejected
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.number_format import BUILT_IN
from bot.ingest.extract.reading import ENCRYPTED
from bot.ingest.extract.xlsx_sheet import Formats

BEGIN, END, CONTINUE, FILEPASS = 0x0809, 0x000A, 0x003C, 0x002F
SHEET, STRINGS, FORMAT, STYLE, SINCE_1904, CODE_PAGE = 0x0085, 0x00FC, 0x041E, 0x00E0, 0x0022, 0x0042
BIFF8 = 0x0600
OF_CELLS = (b"\0", b"\1")
"""Sheets of cells and of macros, as against charts and modules."""
STRINGS_HEAD_BYTES = 8
WIDE, PHONETIC, RICH = 1, 4, 8
"""Flags of a text: two bytes a character; more about it follows the characters."""
CODE_PAGES = {10_000: "mac_roman", 32_768: "mac_roman", 32_769: "cp1252", 1200: "utf-16-le"}
HEAD = struct.Struct("<HH")
Record = tuple[int, bytes]


@dataclass
class Book:
    """What the sheets refer to; `sheets` are names and where in the stream they begin."""

    biff8: bool = True
    codec: str = "cp1252"
    sheets: list[tuple[str, int]] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    formats: Formats = field(default_factory=Formats)

    def text(self, data: bytes, length_bytes: int = 2) -> str:
        """A text in a record, which begins with its length."""
        length = int.from_bytes(data[:length_bytes], "little")
        if not self.biff8:
            return data[length_bytes : length_bytes + length].decode(self.codec, "replace")
        return Texts([data]).read(length_bytes)


def records(data: bytes, place: int = 0) -> Iterator[Record]:
    """Number and content of each, from one place in the stream on, to its end or to damage."""
    while place + HEAD.size <= len(data):
        number, size = HEAD.unpack_from(data, place)
        place += HEAD.size
        yield number, data[place : place + size]
        place += size


def read_book(data: bytes, limits: Limits) -> Book:
    """The first part of the stream. Raises FileRejected for a password, ValueError for damage."""
    reader = _BookReader(limits)
    for number, body in records(data):
        if number == END:
            break
        reader.take(number, body)
    return reader.end()


class _BookReader:
    """Takes the records before the sheets. What a text needs of a record, it may go on for in the next."""

    def __init__(self, limits: Limits) -> None:
        self._book = Book()
        self._limits = limits
        self._texts: list[bytes] = []
        self._last = 0
        self._own: dict[int, str] = {}
        self._styles: list[int] = []
        self._takes = {
            BEGIN: self._begin,
            SHEET: self._sheet,
            STRINGS: self._strings,
            FORMAT: self._format,
            STYLE: self._style,
            SINCE_1904: self._since_1904,
            CODE_PAGE: self._code_page,
            FILEPASS: self._password,
        }

    def take(self, number: int, body: bytes) -> None:
        """The next record."""
        if number == CONTINUE:
            if self._last == STRINGS:
                self._texts.append(body)
            return
        self._last = number
        if number in self._takes:
            self._takes[number](body)

    def end(self) -> Book:
        """No record is left."""
        book = self._book
        book.strings = _shared_texts(self._texts, Flow(self._limits))
        book.formats.codes = [self._own.get(style, BUILT_IN.get(style, "")) for style in self._styles]
        return book

    def _begin(self, body: bytes) -> None:
        self._book.biff8 = int.from_bytes(body[:2], "little") == BIFF8

    def _sheet(self, body: bytes) -> None:
        if body[5:6] in OF_CELLS:
            self._book.sheets.append((self._book.text(body[6:], 1), int.from_bytes(body[:4], "little")))

    def _strings(self, body: bytes) -> None:
        self._texts = [body[STRINGS_HEAD_BYTES:]]

    def _format(self, body: bytes) -> None:
        code = self._book.text(body[2:], 2 if self._book.biff8 else 1)
        self._own[int.from_bytes(body[:2], "little")] = code

    def _style(self, body: bytes) -> None:
        self._styles.append(int.from_bytes(body[2:4], "little"))

    def _since_1904(self, body: bytes) -> None:
        self._book.formats.since_1904 = body[:1] == b"\1"

    def _code_page(self, body: bytes) -> None:
        page = int.from_bytes(body[:2], "little")
        self._book.codec = known_codec(CODE_PAGES.get(page, f"cp{page}"))

    def _password(self, _body: bytes) -> None:
        raise FileRejected(*ENCRYPTED)


def known_codec(name: str) -> str:
    """The code page itself, or the Western one for one that Python doesn't know."""
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name


def _shared_texts(segments: list[bytes], flow: Flow) -> list[str]:
    """The texts that cells refer to by number, up to what is kept of a document anyway."""
    texts = Texts(segments)
    found = []
    while texts.more and not flow.full:
        found.append(texts.read(2))
        flow.count(found[-1])
    return found


class Texts:
    """Texts that go on from record to record; where the characters do, the next record repeats their flag."""

    def __init__(self, segments: list[bytes]) -> None:
        self._segments = segments
        self._segment = self._place = 0

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        while self._segment < len(self._segments) and self._place >= len(self._segments[self._segment]):
            self._segment, self._place = self._segment + 1, 0
        return self._segment < len(self._segments)

    def read(self, length_bytes: int) -> str:
        """The next text."""
        left = self._number(length_bytes)
        flags = self._number(1)
        after = (4 * self._number(2) if flags & RICH else 0) + (self._number(4) if flags & PHONETIC else 0)
        parts = []
        while left:
            width = 1 + (flags & WIDE)
            piece = self._take(left * width)
            parts.append(piece.decode("utf-16-le" if width > 1 else "latin-1", "replace"))
            left -= max(len(piece) // width, 1)
            if left and self.more:
                flags = self._number(1)
            elif left:
                break
        while after and self.more:
            after -= len(self._take(after))
        return "".join(parts)

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "little") if self.more else 0

    def _take(self, size: int) -> bytes:
        """So many bytes, or those that are left of the present record."""
        segment = self._segments[self._segment]
        piece = segment[self._place : self._place + size]
        self._place += len(piece)
        return piece
