"""Documents that flow: paragraphs, list items, table rows and headings become pages of Markdown-like text."""

from __future__ import annotations

import time
from typing import Literal

from bot.domain import Page
from bot.ingest.extract.clean import clean, one_line
from bot.ingest.extract.limits import Limits

Kind = Literal["paragraph", "item", "row"]
CELL_END = " | "
MAX_LEVEL = 6
TIME_SHARE = 0.8
"""Of the CPU time of a document; past all of it the process is killed and what it held is lost."""


class Flow:
    """Blocks in, pages out. Headings get `#` signs, so that the chunker gives each chunk its own."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._started = time.process_time()
        self._parts: list[str] = []
        self._last: Kind = "paragraph"
        self._number = 1
        self._heading = self._above = ""
        self._characters = 0
        self._finished: list[Page] = []

    @property
    def cut(self) -> str | None:
        """What will be missing, once there is reason to stop reading: enough text, or soon no time."""
        if self.full:
            return f"only its first {self._limits.characters:,} characters were read"
        if time.process_time() - self._started > TIME_SHARE * self._limits.document_cpu_s:
            return "some of it is missing, because reading took too long"
        return None

    def count(self, data: str) -> None:
        """Text that will be part of a block."""
        self._characters += len(data)

    @property
    def full(self) -> bool:
        """Whether more text would be cut off anyway."""
        return self._characters > self._limits.characters

    def add(self, text: str, kind: Kind = "paragraph", level: int = 0) -> None:
        """A block; `level` from 1 up makes it a heading. Rows and items stay close, the rest apart."""
        text = clean(text).strip(" \n")
        if not text.strip():
            return
        if level:
            self._heading = one_line(text)
            text = f"{'#' * min(level, MAX_LEVEL)} {' '.join(text.split())}"
        if self._parts:
            self._parts.append("\n" if kind == self._last != "paragraph" else "\n\n")
        self._last = kind
        self._parts.append(text)

    def title(self, text: str) -> None:
        """What all of it stands under until the first heading; call it before any block."""
        self._heading = self._above = one_line(text)

    def row(self, cells: list[str]) -> None:
        """A table row: one line."""
        if any(cell.strip() for cell in cells):
            self.add(CELL_END.join(" ".join(cell.split()) for cell in cells), "row")

    def page_break(self) -> None:
        """A new page, unless the present one is empty: writers mark one break in two ways at once."""
        if self._parts:
            self._finished.append(Page(self._number, "".join(self._parts), heading=self._above))
            self._number += 1
            self._parts, self._last, self._above = [], "paragraph", self._heading

    def finished(self) -> list[Page]:
        """Pages that were completed since the last call."""
        pages, self._finished = self._finished, []
        return pages

    def end(self) -> list[Page]:
        """The last pages."""
        self.page_break()
        return self.finished()
