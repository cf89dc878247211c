"""What Word and PowerPoint files share: how parts refer to each other, and text in paragraphs and tables."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import FileRejected
from bot.ingest.extract.flow import Flow, Kind
from bot.ingest.extract.reading import DAMAGED
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse_all, value

SKIPPED = frozenset({"Fallback", "moveFrom"})
"""Text that stands elsewhere, too: the picture of a text box for old readers, what was moved away."""
SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
OUTLINE = {str(level): level + 1 for level in range(6)}
HEADING_STYLE = re.compile(r"^heading ?(\d)$", re.IGNORECASE)

Note = Callable[[str, str], str]
"""The note that an element refers to, by the element's name and its id."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind` is the last word of its type."""

    kind: str
    target: str


class _Relations(Handler):
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.found: dict[str, Relation] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """One reference."""
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = Relation(kind, target.lstrip("/"))


def relations(package: Package, part: str) -> dict[str, Relation]:
    """What a part refers to within the package, by id; "" is the package itself. Raises FileRejected."""
    folder, name = posixpath.split(part)
    handler = _Relations(folder)
    try:
        parse_all(package, posixpath.join(folder, "_rels", f"{name}.rels"), handler)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    return handler.found


def main_part(package: Package) -> str:
    """The part that holds the document. Raises FileRejected when there is none."""
    for relation in relations(package, "").values():
        if relation.kind == "officeDocument" and relation.target in package:
            return relation.target
    raise FileRejected(*DAMAGED)


@dataclass(slots=True)
class _Paragraph:
    level: int = 0
    kind: Kind = "paragraph"
    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class OfficeText(Handler):
    """WordprocessingML and DrawingML: both call a paragraph `p`, a text `t`, a row `tr` and a cell `tc`.

    Paragraphs nest (text boxes), and so do tables; what stands inside a cell becomes text of that cell.
    """

    def __init__(self, flow: Flow, levels: dict[str, int] | None = None, note: Note | None = None) -> None:
        self._flow = flow
        self._levels = levels or {}
        self._note = note
        self._skipping = 0
        self._in_text = False
        self._paragraphs: list[_Paragraph] = []
        self._rows: list[list[list[str]]] = []
        self._break = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._skipping or name in SKIPPED:
            self._skipping += 1
        elif name == "t":
            self._in_text = True
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tr":
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._rows[-1].append([])
        elif name == "lastRenderedPageBreak" or (name == "br" and value(attributes, "type") == "page"):
            self._page_break()
        elif self._paragraphs:
            self._within(self._paragraphs[-1], name, attributes)

    def _within(self, paragraph: _Paragraph, name: str, attributes: dict[str, str]) -> None:
        """What a paragraph is, and what is neither text nor element in it."""
        if name in SPACES and not value(attributes, "pos"):  # a tabulator's place is not a tabulator
            paragraph.parts.append(SPACES[name])
        elif name == "pStyle":
            paragraph.level = self._levels.get(value(attributes, "val"), 0)
        elif name == "outlineLvl":
            paragraph.level = OUTLINE.get(value(attributes, "val"), 0)
        elif name == "numPr":
            paragraph.kind = "item"
        elif self._note and name.endswith("Reference"):
            paragraph.notes.append(self._note(name, value(attributes, "id")))

    def text(self, data: str) -> None:
        """Text of a run."""
        if self._in_text and not self._skipping and self._paragraphs and not self._flow.full:
            self._flow.count(data)
            self._paragraphs[-1].parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "tr" and self._rows:
            self._end_row([" ".join(cell) for cell in self._rows.pop()])

    def close(self) -> None:
        """Keep what is still open when reading stops early."""
        while self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        while self._rows:
            self._end_row([" ".join(cell) for cell in self._rows.pop()])

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.parts)
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += [text, *paragraph.notes]
            return
        self._flow.add(text, paragraph.kind, paragraph.level)
        for note in paragraph.notes:
            self._flow.add(note)
        self._turn_page()

    def _end_row(self, cells: list[str]) -> None:
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += cells
            return
        self._flow.row(cells)
        self._turn_page()

    def _page_break(self) -> None:
        """Where a page ends inside a paragraph or row, all of that stays on the page where it began."""
        begun = any(text.strip() for paragraph in self._paragraphs for text in paragraph.parts)
        if self._rows or begun:
            self._break = True
        else:
            self._flow.page_break()

    def _turn_page(self) -> None:
        if self._break and not self._paragraphs and not self._rows:
            self._break = False
            self._flow.page_break()


class Levels(Handler):
    """Which styles are headings: by their outline level or their built-in name; ids are translated."""

    def __init__(self) -> None:
        self._style = ""
        self.found: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A style or a property of it."""
        if name == "style":
            self._style = value(attributes, "styleId")
        elif name == "name" and (heading := HEADING_STYLE.match(value(attributes, "val"))):
            self.found[self._style] = int(heading[1])
        elif name == "name" and value(attributes, "val").lower() == "title":
            self.found[self._style] = 1
        elif name == "outlineLvl" and (level := OUTLINE.get(value(attributes, "val"))):
            self.found.setdefault(self._style, level)
