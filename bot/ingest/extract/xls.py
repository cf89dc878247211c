"""Excel workbooks of before 2007: a page is a sheet, as in newer ones.

Own code on olefile before python-calamine, which tells no number formats (25 % is 0.25 there) and spreads a
sheet out in memory before anybody can see how far its cells are apart; that one is the second reader.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from bot.domain import Page
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.ole import WORKBOOKS, Ole
from bot.ingest.extract.reading import DAMAGED, Reading, Source, Unreadable
from bot.ingest.extract.xls_cells import CELLS, cells
from bot.ingest.extract.xls_records import BEGIN, CONTINUE, END, Book, Record, read_book, records
from bot.ingest.extract.xlsx_sheet import Rows

FORMULA_TEXT, TEXT_OBJECT = 0x0207, 0x01B6
DAMAGE = (struct.error, IndexError, ValueError)
CUT_EVERY = 5_000


def read(source: Source) -> Reading:
    """Raises FileRejected for a password, Unreadable for what has no sheets."""
    with Ole(source.content) as ole:
        data = next(filter(None, map(ole.read, WORKBOOKS)), b"")
    try:
        book = read_book(data, source.limits)
    except DAMAGE:
        raise Unreadable(*DAMAGED) from None
    if not book.sheets:
        raise Unreadable(*DAMAGED)
    return Reading(len(book.sheets), _pages(data, book, source.limits))


def _pages(data: bytes, book: Book, limits: Limits) -> Iterator[Page]:
    for number, (name, place) in enumerate(book.sheets, start=1):
        flow = Flow(limits)
        sheet = _Sheet(book, flow)
        missing = None
        try:
            for count, record in enumerate(_of_sheet(data, place)):
                sheet.take(*record)
                if count % CUT_EVERY == 0 and (missing := flow.cut):
                    break
        except DAMAGE:
            missing = "the rest of it is damaged and missing"
        sheet.end()
        text = "\n".join(page.text for page in flow.end())
        yield Page(number, text, one_line(name) or None, one_line(sheet.rows.header))
        if missing:
            raise LimitReached(missing)


def _of_sheet(data: bytes, place: int) -> Iterator[Record]:
    """The records of a sheet without those of charts in it."""
    depth = 0
    for number, body in records(data, place):
        depth += (number == BEGIN) - (number == END)
        if not depth:
            return
        if depth == 1:
            yield number, body


class _Sheet:
    """Writes the cells of a sheet into a flow, and after them its comments and text boxes."""

    def __init__(self, book: Book, flow: Flow) -> None:
        self._book = book
        self._flow = flow
        self._row = self._column = 0
        self._in_text_object = False
        self._beside: list[str] = []
        self.rows = Rows(flow)

    def take(self, kind: int, body: bytes) -> None:
        """The next record. Raises one of DAMAGE for one that ends too soon."""
        if kind in CELLS:
            row, found = cells(kind, body, self._book)
            if row != self._row:
                self.rows.end()
                self._row = row
            for self._column, text in found:
                self.rows.add(self._column + 1, text)
        elif kind == FORMULA_TEXT:
            self.rows.add(self._column + 1, self._book.text(body))
        elif kind == CONTINUE and self._in_text_object:
            self._beside.append(self._text_of_object(body))
        self._in_text_object = kind == TEXT_OBJECT

    def end(self) -> None:
        """No record is left."""
        self.rows.end()
        for text in self._beside:
            self._flow.count(text)
            self._flow.add(" ".join(text.split()), "item")

    def _text_of_object(self, body: bytes) -> str:
        """A comment or text box. Its characters stand after their flag, without their number."""
        if not self._book.biff8:
            return body.decode(self._book.codec, "replace")
        wide = body[:1] == b"\1"
        return body[1:].decode("utf-16-le" if wide else "latin-1", "replace")
