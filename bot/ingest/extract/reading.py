"""What a reader gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import Limits


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `kind` is what `sniff` found."""

    path: Path
    kind: str
    limits: Limits


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
