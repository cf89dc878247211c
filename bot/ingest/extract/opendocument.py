"""OpenDocument texts, sheets and slides: all three are one XML file with the same paragraphs and tables."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.flow import CELL_END, Flow
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Reading, Source
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse, parse_all, salvaged, value

SKIPPED = frozenset({"tracked-changes", "note-citation", "date-string", "forms"})
PARAGRAPHS = frozenset({"p", "h"})
MAX_REPEATED = 10
"""Of empty cells or spaces that are stored once with their number, so many are kept."""


def read(source: Source) -> Reading:
    """Pages are sheets, slides, or the pages that the writer saw. Raises FileRejected."""
    package = Package(source.content, source.limits)
    if "content.xml" not in package:
        raise FileRejected(*DAMAGED)
    manifest = _Manifest()
    try:
        parse_all(package, "META-INF/manifest.xml", manifest)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    if manifest.encrypted:
        raise FileRejected(*ENCRYPTED)
    return Reading(0, salvaged(_pages(package, source.limits)))


def _pages(package: Package, limits: Limits) -> Iterator[Page]:
    body = _Body(limits)
    for _ in parse(package, "content.xml", body):
        yield from body.finished()
        if missing := body.flow.cut:
            body.close()
            yield from body.finished()
            yield from body.flow.end()
            raise LimitReached(missing)
    if not body.numbered:
        parse_all(package, "styles.xml", _HeadersAndFooters(body))
        yield from body.flow.end()


class _Manifest(Handler):
    def __init__(self) -> None:
        self.encrypted = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - the name tells all
        """An element begins."""
        self.encrypted = self.encrypted or name == "encryption-data"


class _Body(Handler):
    """Text of all three. `numbered` is how many sheets or slides there were so far."""

    def __init__(self, limits: Limits) -> None:
        self.flow = Flow(limits)
        self.numbered = 0
        self._limits = limits
        self._skipping = 0
        self._paragraphs: list[list[str]] = []
        self._levels: list[int] = []
        self._rows: list[list[list[str]]] = []
        self._items = 0
        self._tables = 0
        self._sheets = self._break = self._columns = False
        self._label = self._heading = ""
        self._pages: list[Page] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._skipping or name in SKIPPED:
            self._skipping += 1
        elif name in PARAGRAPHS:
            level = value(attributes, "outline-level")
            self._paragraphs.append([])
            self._levels.append(int(level) if name == "h" and level.isdecimal() and len(level) == 1 else 0)
        elif name == "table-row":
            self._rows.append([])
        elif name in {"table-cell", "covered-table-cell"} and self._rows:
            repeated = value(attributes, "number-columns-repeated")
            count = int(repeated) if repeated.isdecimal() and len(repeated) < len("99999") else 1
            self._rows[-1] += [[] for _ in range(min(count, MAX_REPEATED))]
        elif self._paragraphs and name in {"tab", "line-break", "s"}:
            self._paragraphs[-1].append({"tab": "\t", "line-break": "\n", "s": " "}[name])
        else:
            self._structure(name, attributes)

    def _structure(self, name: str, attributes: dict[str, str]) -> None:
        """Sheets, slides, lists and the ends of pages."""
        if name == "spreadsheet":
            self._sheets = True
        elif name == "page" or (name == "table" and self._sheets and not self._tables):
            self._begin_page(value(attributes, "name"))
        elif name == "notes":
            self.flow.add("Notes:", "item")
        elif name == "list-item":
            self._items += 1
        elif name == "soft-page-break":
            self._break = True
        self._tables += name == "table"

    def text(self, data: str) -> None:
        """Text of a paragraph."""
        if self._paragraphs and not self._skipping and not self.flow.full:
            self.flow.count(data)
            self._paragraphs[-1].append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._skipping:
            self._skipping -= 1
        elif name in PARAGRAPHS:
            self._paragraph("".join(self._paragraphs.pop()), self._levels.pop())
        elif name == "table-row" and self._rows:
            self._row([" ".join(cell) for cell in self._rows.pop()])
        elif name == "list-item":
            self._items -= 1
        elif name == "table":
            self._tables -= 1
            if self._sheets and not self._tables:
                self._end_page()
        elif name == "page":
            self._end_page()

    def finished(self) -> list[Page]:
        """Pages that were completed since the last call."""
        pages, self._pages = self._pages, []
        return pages or (self.flow.finished() if not self.numbered else [])

    def close(self) -> None:
        """Keep what is still open when reading stops early."""
        while self._paragraphs:
            self._paragraph("".join(self._paragraphs.pop()), self._levels.pop())
        while self._rows:
            self._row([" ".join(cell) for cell in self._rows.pop()])
        if self.numbered and (self._sheets or self._label):
            self._end_page()

    def _paragraph(self, text: str, level: int) -> None:
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].append(text)
            return
        if self.numbered and not self._heading and not self._sheets:
            self._heading = one_line(text)
        self.flow.add(text, "item" if self._items else "paragraph", level)
        self._turn_page()

    def _row(self, cells: list[str]) -> None:
        while cells and not cells[-1]:
            cells.pop()
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += cells
            return
        if self._sheets and cells and (not self._heading or (len(cells) > 1 and not self._columns)):
            self._columns = len(cells) > 1
            self._heading = one_line(CELL_END.join(cells))
        self.flow.row(cells)
        self._turn_page()

    def _turn_page(self) -> None:
        if self._break and not self._paragraphs and not self._rows:
            self._break = False
            if not self.numbered:
                self.flow.page_break()

    def _begin_page(self, label: str) -> None:
        self.numbered += 1
        self.flow = Flow(self._limits)
        self._label, self._heading = one_line(label), ""
        self._columns = False

    def _end_page(self) -> None:
        text = "\n".join(page.text for page in self.flow.end())
        self._pages.append(Page(self.numbered, text, self._label or None, self._heading))
        self._label = ""


class _HeadersAndFooters(Handler):
    """Passes on what stands in headers and footers of a text."""

    def __init__(self, body: _Body) -> None:
        self._body = body
        self._inside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._inside or name.startswith(("header", "footer")):
            self._inside += 1
            self._body.start(name, attributes)

    def text(self, data: str) -> None:
        """Text."""
        if self._inside:
            self._body.text(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._inside:
            self._inside -= 1
            self._body.end(name)
