"""Excel workbooks: a page is a sheet, a line a row, and the first row of a table its heading.

Own code on zipfile and expat rather than python-calamine or openpyxl: cells come one after the other, so that
two of them a million rows apart cost no more than two, strict files are read, and values are written as the
workbook shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.number_format import BUILT_IN
from bot.ingest.extract.ooxml import OfficeText, main_part, relations
from bot.ingest.extract.reading import DAMAGED, Reading, Source
from bot.ingest.extract.xlsx_sheet import Formats, SheetRows
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse, parse_all, salvaged, value

BESIDE = ("comments", "drawing", "threadedComment")


def read(source: Source) -> Reading:
    """Raises FileRejected."""
    package = Package(source.content, source.limits)
    main = main_part(package)
    book = _Workbook()
    try:
        parse_all(package, main, book)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    parts = relations(package, main)
    sheets = [(name, parts[key].target) for name, key in book.sheets if key in parts]
    shared, styles = (
        next((part.target for part in parts.values() if part.kind == kind), "")
        for kind in ("sharedStrings", "styles")
    )
    return Reading(
        len(sheets), salvaged(_pages(package, sheets, shared, styles, book.formats, source.limits))
    )


def _pages(
    package: Package,
    sheets: list[tuple[str, str]],
    shared: str,
    styles: str,
    formats: Formats,
    limits: Limits,
) -> Iterator[Page]:
    strings = _Strings(limits)
    parse_all(package, shared, strings)
    parse_all(package, styles, _Styles(formats))
    for number, (name, part) in enumerate(sheets, start=1):
        if part not in package:
            continue
        flow = Flow(limits)
        rows = SheetRows(flow, strings.found, formats)
        missing = None
        for _ in parse(package, part, rows):
            missing = flow.cut
            if missing:
                break
        _beside(package, part, flow)
        text = "\n".join(page.text for page in flow.end())
        yield Page(number, text, one_line(name) or None, one_line(rows.header))
        if missing:
            raise LimitReached(missing)
    if strings.missing:
        raise LimitReached(strings.missing)


def _beside(package: Package, sheet: str, flow: Flow) -> None:
    """Comments and text boxes of a sheet, after its cells."""
    for part in relations(package, sheet).values():
        if part.kind in BESIDE:
            handler = _Comments(flow) if part.kind != "drawing" else OfficeText(flow)
            parse_all(package, part.target, handler)


class _Workbook(Handler):
    """Sheets as name and relation id, in the order of their tabs; hidden ones are sheets, too."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.formats = Formats()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "sheet":
            key = next((found for each, found in attributes.items() if each.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), key))
        elif name == "workbookPr":
            self.formats.since_1904 = value(attributes, "date1904") in {"1", "true"}


class _Strings(Handler):
    """Texts that cells refer to by number, up to what is kept of a document anyway."""

    def __init__(self, limits: Limits) -> None:
        self._flow = Flow(limits)
        self._parts: list[str] = []
        self._in_text = False
        self._reading_aid = False
        self.found: list[str] = []
        self.missing: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - the name tells all
        """An element begins."""
        if name == "t":
            self._in_text = not self._reading_aid
        elif name == "rPh":
            self._reading_aid = True

    def text(self, data: str) -> None:
        """Text of a string."""
        if self._in_text and not self.missing:
            self._flow.count(data)
            self._parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._reading_aid = False
        elif name == "si" and not self.missing:
            self._flow.count(" ")
            self.found.append("".join(self._parts))
            self._parts = []
            self.missing = self._flow.cut


class _Styles(Handler):
    """Number formats, and which of them each cell style has."""

    def __init__(self, formats: Formats) -> None:
        self._own: dict[str, str] = {}
        self._in_cells = False
        self._formats = formats

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        number = attributes.get("numFmtId", "")
        if name == "numFmt":
            self._own[number] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            built_in = BUILT_IN.get(int(number), "") if number.isdecimal() else ""
            self._formats.codes.append(self._own.get(number, built_in))

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "cellXfs":
            self._in_cells = False


@dataclass
class _Comments(Handler):
    """Comments of a sheet, each with the cell it stands at."""

    flow: Flow
    cell: str = ""
    parts: list[str] = field(default_factory=list)
    in_text: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name in {"comment", "threadedComment"}:
            self.cell, self.parts = attributes.get("ref", ""), []
        self.in_text = name in {"t", "text"}

    def text(self, data: str) -> None:
        """Text of a comment."""
        if self.in_text and not self.flow.cut:
            self.flow.count(data)
            self.parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        self.in_text = False
        if name in {"comment", "threadedComment"}:
            self.flow.add(f"{self.cell}: {' '.join(''.join(self.parts).split())}", "item")
