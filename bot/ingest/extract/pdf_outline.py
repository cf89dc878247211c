"""The outline of a PDF: under which of its entries each stretch of a page stands."""

from __future__ import annotations

import re

import pypdfium2

from bot.ingest.extract.clean import one_line

MAX_HEADINGS = 2_000
MAX_DEPTH = 3
NUMBER_CHARS = 12
"""What may stand before a heading in its line: its number."""


class Outline:
    """Ask it page after page."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._titles = _titles(document)
        self._heading = ""

    def of(self, index: int, text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
        """The heading under which a page begins, and further ones on it with the places where they stand.

        The page's first heading counts from its top when it can't be found there, the others then don't.
        """
        above, titles = self._heading, self._titles.get(index)
        if not titles:
            return above, ()
        self._heading = titles[-1]
        placed: list[tuple[int, str]] = []
        place = 0
        for title in titles:
            found = _line_of(title).search(text, place)
            if found:
                place = found.end()
                placed.append((found.start(), title))
            elif not placed:
                placed.append((0, title))
        if placed[0][0] == 0:
            _, above = placed.pop(0)
        return above, tuple(placed)


def _line_of(title: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, title.split()))
    return re.compile(rf"^[^\n]{{0,{NUMBER_CHARS}}}{words}[ \t]*$", re.MULTILINE | re.IGNORECASE)


def _titles(document: pypdfium2.PdfDocument) -> dict[int, list[str]]:
    """The entries by the index of their page, in order."""
    titles: dict[int, list[str]] = {}
    try:
        for count, entry in enumerate(document.get_toc(max_depth=MAX_DEPTH)):
            if count >= MAX_HEADINGS:
                break
            target = entry.get_dest()
            index = target.get_index() if target else None
            title = one_line(entry.get_title())
            if index is not None and title:
                titles.setdefault(index, []).append(title)
    except (pypdfium2.PdfiumError, UnicodeDecodeError):
        titles.clear()  # headings are a help, not the text
    return titles
