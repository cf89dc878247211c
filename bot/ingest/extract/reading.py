"""What a reader gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import Limits, OcrTime

Content = Path | bytes
"""A file on disk, or in memory as parts of other files are."""


def opened(content: Content) -> BinaryIO:
    """The content as an open file."""
    return BytesIO(content) if isinstance(content, bytes) else content.open("rb")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `kind` is what `contents.kind_of` found.

    A file with parts calls `part_begins` with the number of each before it reads it, and `deaths` lists the
    parts that a child died of, as often as one did. `depth` counts the files that this one is a part of.
    All of them share one `ocr_time`.
    """

    content: Content
    kind: str
    limits: Limits
    depth: int = 0
    deaths: tuple[int, ...] = ()
    part_begins: Callable[[int], None] = lambda _number: None
    ocr_time: OcrTime = field(default_factory=OcrTime)

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def open(self) -> BinaryIO:
        """The content as an open file."""
        return opened(self.content)

    def read(self) -> bytes:
        """All of it."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages in order, read as they are asked for; `total` is 0 while unknown."""

    total: int
    pages: Iterator[Page]


Reader = Callable[[Source], Reading]
"""Raises FileRejected, at once or while its pages are read; LimitReached while its pages are read."""


ENCRYPTED = ("encrypted", "it is password-protected", "Remove the password and share it again.")
DAMAGED = (
    "damaged",
    "nothing in it can be read: it is damaged, or made to overload its reader",
    "Open it, save it again and share that.",
)


class Unreadable(FileRejected):
    """This reader can't read the file. The verdict stands unless the kind's next reader can."""


def no_text(kind: str, partial: str | None = None) -> FileRejected:
    """The verdict on a file that was read and held none; `partial` is what of it was not read."""
    if partial:
        return FileRejected("no_text", f"no text found, and {partial}", "Share the text itself.")
    if kind == "pdf":
        return FileRejected(
            "no_text",
            "no text found: it looks like a scan",
            "Share a version with a text layer (run OCR on it), or the text itself.",
        )
    return FileRejected("no_text", "there is no text in it", "Check the original and share it again.")
