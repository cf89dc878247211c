"""PowerPoint presentations: slides in the order they are shown, with tables, diagrams and speaker notes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import HEADING_CHARS, one_line
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.ooxml import OfficeText, main_part, relations
from bot.ingest.extract.reading import DAMAGED, Reading, Source
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse_all, salvaged, value

TITLES = frozenset({"title", "ctrTitle"})
REPEATED = frozenset({"sldNum", "sldImg", "hdr", "dt"})
"""Placeholders that hold the slide's number, its picture, the date: nothing of its own."""
SHAPES = frozenset({"sp", "graphicFrame", "pic", "cxnSp"})
BESIDE = ("diagramData", "chart", "notesSlide", "comments")


class _Slides(Handler):
    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An entry of the list of slides."""
        if name == "sldId":
            self.ids += [found for key, found in attributes.items() if key.endswith(":id")]


def read(source: Source) -> Reading:
    """A page is a slide, its heading the slide's title. Raises FileRejected."""
    package = Package(source.content, source.limits)
    slides = _Slides()
    main = main_part(package)
    try:
        parts = relations(package, main)
        parse_all(package, main, slides)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    targets = [parts[each].target for each in slides.ids if each in parts]
    return Reading(len(targets), salvaged(_pages(package, targets, source.limits)))


def _pages(package: Package, slides: list[str], limits: Limits) -> Iterator[Page]:
    for number, slide in enumerate(slides, start=1):
        text, title = _shape_text(package, slide, limits)
        texts = [text]
        beside = relations(package, slide).values()
        for kind in BESIDE:
            found = [_shape_text(package, each.target, limits)[0] for each in beside if each.kind == kind]
            texts += [f"Notes: {each}" if kind == "notesSlide" else each for each in found if each]
        yield Page(number, "\n\n".join(each for each in texts if each), heading=title)


def _shape_text(package: Package, part: str, limits: Limits) -> tuple[str, str]:
    flow = Flow(limits)
    shapes = _Shapes(flow)
    parse_all(package, part, shapes)
    return "\n".join(page.text for page in flow.end()), one_line(shapes.title)


class _Shapes(OfficeText):
    """Text of a slide. What a shape is for is said before its text."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._role = ""
        self.title = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name in SHAPES:
            self._role = ""
        elif name == "ph":
            self._role = value(attributes, "type")
        super().start(name, attributes)

    def text(self, data: str) -> None:
        """Text of a run, unless it repeats on each slide."""
        if self._role in REPEATED:
            return
        if self._role in TITLES and self._in_text and len(self.title) < HEADING_CHARS:
            self.title += data
        super().text(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "p" and self._role in TITLES:
            self.title += " "
        super().end(name)
