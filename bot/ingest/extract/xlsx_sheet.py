"""The rows of one sheet: cells by their column, values as the workbook shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite

from bot.ingest.extract.clean import HEADING_CHARS
from bot.ingest.extract.flow import CELL_END, Flow
from bot.ingest.extract.number_format import plain, shown
from bot.ingest.extract.zip_xml import Handler

MAX_GAP = 10
"""Empty cells between two others that are kept as such; more say nothing, and may be 16,000."""
COLUMN_LETTERS = 26
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
"""A character that XML can't hold, or an underscore that would look like one (ECMA-376 part 1, 22.9.2.19)."""
VALUES = frozenset({"v", "t"})
"""Where a cell's value stands; a formula stands elsewhere."""


@dataclass
class Formats:
    """`codes` by cell style; "" is the general format."""

    codes: list[str] = field(default_factory=list)
    since_1904: bool = False

    def shown(self, text: str, style: str) -> str:
        """A stored number as it is shown; a stored text that is no number as it is."""
        try:
            number = float(text)
        except ValueError:
            return text
        return self.number(number, int(style) if style.isdecimal() else 0) if isfinite(number) else text

    def number(self, number: float, style: int) -> str:
        """A finite number as it is shown."""
        code = self.codes[style] if style < len(self.codes) else ""
        return shown(number, code, since_1904=self.since_1904) if code else plain(number)


class Rows:
    """Writes rows into a flow. `header` is the first row with more than one cell, or else the first."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._cells: list[str] = []
        self._header_cells = 0
        self.header = ""

    def add(self, column: int, text: str) -> None:
        """A cell of the present row, columns counted from 1."""
        if text:
            gap = max(column - 1 - len(self._cells), 0)
            self._cells += [""] * (gap if gap <= MAX_GAP else 0)
            self._cells.append(text)
            self._flow.count(text)

    def end(self) -> None:
        """The present row ends, and a new one begins."""
        if not self._cells:
            return
        self._flow.row(self._cells)
        filled = sum(1 for cell in self._cells if cell)
        if filled > 1 >= self._header_cells or not self._header_cells:
            self._header_cells = filled
            self.header = CELL_END.join(" ".join(cell[:HEADING_CHARS].split()) for cell in self._cells)
        self._cells = []


class SheetRows(Handler):
    """Takes the rows of a sheet's XML."""

    def __init__(self, flow: Flow, strings: list[str], formats: Formats) -> None:
        self._flow = flow
        self._strings = strings
        self._formats = formats
        self._rows = Rows(flow)
        self._column = 0
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._taking = self._reading_aid = False

    @property
    def header(self) -> str:
        """The row that names the columns."""
        return self._rows.header

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "c":
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._column = column_of(attributes.get("r", "")) or self._column + 1
            self._parts = []
        elif name in VALUES:
            self._taking = not self._reading_aid
        elif name == "row":
            self._column = 0
        elif name == "rPh":
            self._reading_aid = True

    def text(self, data: str) -> None:
        """Text of a value."""
        if self._taking and not self._flow.full:
            self._parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name in VALUES:
            self._taking = False
        elif name == "c" and self._parts:
            self._rows.add(self._column, self._shown("".join(self._parts)))
        elif name == "row":
            self._rows.end()
        elif name == "rPh":
            self._reading_aid = False

    def _shown(self, text: str) -> str:
        """A value by the kind of its cell: `s` is the number of a shared string, `b` a truth value."""
        if self._kind == "s":
            index = int(text) if text.isdecimal() else len(self._strings)
            return unescaped(self._strings[index]) if index < len(self._strings) else ""
        if self._kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return self._formats.shown(text, self._style) if self._kind == "n" else unescaped(text)


def unescaped(text: str) -> str:
    """A text as it is shown."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def column_of(reference: str) -> int:
    """The column of a cell such as `AB12`, from 1; 0 when the reference names none."""
    column = 0
    for letter in reference[:3]:
        if not "A" <= letter <= "Z":
            break
        column = column * COLUMN_LETTERS + ord(letter) - ord("A") + 1
    return column
