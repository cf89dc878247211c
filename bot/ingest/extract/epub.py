"""EPUB books: chapters in reading order, each a page."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.encoding import NotText
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.html import add_html, decoded
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Reading, Source
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse_all, salvaged

CONTAINER = "META-INF/container.xml"
RIGHTS = "META-INF/rights.xml"
"""Books sold with copy protection hold it."""


def read(source: Source) -> Reading:
    """Raises FileRejected, also for books under copy protection."""
    package = Package(source.content, source.limits)
    container, book = _Container(), _Book()
    try:
        parse_all(package, CONTAINER, container)
        parse_all(package, container.book, book)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    if RIGHTS in package:
        raise FileRejected(*ENCRYPTED)
    folder = posixpath.dirname(container.book)
    parts = [posixpath.normpath(posixpath.join(folder, unquote(href))) for href in book.chapters()]
    chapters = [part for part in parts if part in package]
    if not chapters:
        raise FileRejected(*DAMAGED)
    return Reading(len(chapters), salvaged(_pages(package, chapters, one_line(book.title), source.limits)))


def _pages(package: Package, chapters: list[str], title: str, limits: Limits) -> Iterator[Page]:
    for number, part in enumerate(chapters, start=1):
        flow = Flow(limits)
        try:
            add_html(decoded(package.read(part)), flow)
        except NotText:
            continue
        missing = flow.cut
        yield Page(number, "\n".join(page.text for page in flow.end()), heading=title)
        if missing:
            raise LimitReached(missing)


class _Container(Handler):
    def __init__(self) -> None:
        self.book = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Where the book's own list is."""
        if name == "rootfile" and not self.book:
            self.book = attributes.get("full-path", "")


class _Book(Handler):
    """The book's title, its parts by id, and which of them are read in what order."""

    def __init__(self) -> None:
        self.title = ""
        self._parts: dict[str, str] = {}
        self._order: list[str] = []
        self._in_title = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "item":
            self._parts[attributes.get("id", "")] = attributes.get("href", "")
        elif name == "itemref":
            self._order.append(attributes.get("idref", ""))
        self._in_title = name == "title" and not self.title

    def text(self, data: str) -> None:
        """Text of the title."""
        if self._in_title:
            self.title = f"{self.title}{data}"[:1_000]

    def end(self, name: str) -> None:  # noqa: ARG002 - whatever ends, the title has ended
        """An element ends."""
        self._in_title = False

    def chapters(self) -> list[str]:
        """Where the chapters are, each once."""
        return list(dict.fromkeys(self._parts[key] for key in self._order if key in self._parts))
