"""Word documents: body with tables, text boxes, notes and comments where they are referred to, then headers.

Own code on zipfile and expat: python-docx leaves out text boxes, notes and headers (90 % of the words, this
98 to 99.7 %), and markitdown reads a sixtieth of the bytes a second.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain import Page
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.ooxml import Levels, OfficeText, main_part, relations
from bot.ingest.extract.reading import Reading, Source
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse, parse_all, salvaged, value

NOTES = ("footnote", "endnote", "comment")


def read(source: Source) -> Reading:
    """Pages are those that Word saw when it saved, or the document's own page breaks. Raises FileRejected."""
    package = Package(source.content, source.limits)
    return Reading(0, salvaged(_pages(package, source.limits)))


def _pages(package: Package, limits: Limits) -> Iterator[Page]:
    main = main_part(package)
    parts = _parts(package, main)
    levels = Levels()
    for part in parts.get("styles", []):
        _optional(package, part, levels)
    notes = _Notes(limits)
    for kind in NOTES:
        for part in parts.get(f"{kind}s", []):
            _optional(package, part, notes)
    flow = Flow(limits)
    body = OfficeText(flow, levels.found, notes.take)
    for _ in parse(package, main, body):
        yield from flow.finished()
        if missing := flow.cut:
            body.close()
            yield from flow.end()
            raise LimitReached(missing)
    for text in notes.rest():
        flow.add(text)
    for part in [*parts.get("header", []), *parts.get("footer", [])]:
        _optional(package, part, OfficeText(flow))
    yield from flow.end()


def _parts(package: Package, main: str) -> dict[str, list[str]]:
    """The parts that the body refers to, each once, by what they are."""
    parts: dict[str, list[str]] = {}
    for relation in relations(package, main).values():
        if relation.target in package and relation.target not in parts.setdefault(relation.kind, []):
            parts[relation.kind].append(relation.target)
    return parts


def _optional(package: Package, part: str, handler: Handler) -> None:
    """Damage beside the body costs no more than what is damaged."""
    try:
        parse_all(package, part, handler)
    except BROKEN:
        return


class _Notes(Handler):
    """Texts of notes and comments by kind and id, each given out once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._key = ("", "")
        self._flow = Flow(limits)
        self._text = OfficeText(self._flow)
        self._found: dict[tuple[str, str], str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A note begins, or something in one."""
        if name in NOTES:
            self._key = (f"{name}Reference", value(attributes, "id"))
            self._flow = Flow(self._limits)
            self._text = OfficeText(self._flow)
            author = value(attributes, "author")
            if author:
                self._flow.add(f"{author}:", "item")
        else:
            self._text.start(name, attributes)

    def text(self, data: str) -> None:
        """Text in a note."""
        self._text.text(data)

    def end(self, name: str) -> None:
        """A note ends, or something in one."""
        if name in NOTES:
            self._found[self._key] = "\n".join(page.text for page in self._flow.end())
        else:
            self._text.end(name)

    def take(self, kind: str, number: str) -> str:
        """The note that a reference of this kind means, the first time it is asked for."""
        return self._found.pop((kind, number), "")

    def rest(self) -> list[str]:
        """Notes that nothing referred to."""
        return list(self._found.values())
