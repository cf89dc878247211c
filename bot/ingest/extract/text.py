"""Plain text, Markdown, logs, source code, CSV, JSON, YAML: decoded, never parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import clean, one_line
from bot.ingest.extract.encoding import NotText, decode
from bot.ingest.extract.limits import LimitReached
from bot.ingest.extract.reading import Reading, Source

BYTES_PER_CHARACTER = 4
"""The most that UTF-8, UTF-16 and UTF-32 need; so many bytes are read that the character limit is reached."""
BLANK_LINE = re.compile(r"\n[ \t]+(?=\n)")
"""A line of nothing but spaces: as good as an empty one, and simpler to find."""
HEADER_CHARS, HEADER_ROWS = 2_000, 10
CELLS = re.compile(r"[^,;\t|\s][^,;\t|]*[,;\t|][^\w\n]*\w")
"""Two cells with something in them; the row above a table, its title, has one."""


def read(source: Source) -> Reading:
    """One page; form feeds, as in RFCs, begin new ones. Raises FileRejected for binary content."""
    text, missing = text_of(source)
    texts = text.split("\f") if text.count("\f") < source.limits.pages else [text]
    return Reading(len(texts), _pages(texts, missing))


def read_table(source: Source) -> Reading:
    """CSV or TSV as text; its first row of several cells is the heading: each chunk knows its columns."""
    text, missing = text_of(source)
    rows = text.lstrip()[:HEADER_CHARS].splitlines() or [""]
    header = next((row for row in rows[:HEADER_ROWS] if CELLS.search(row)), rows[0])
    return Reading(1, _pages([text], missing, one_line(header)))


def text_of(source: Source) -> tuple[str, str | None]:
    """The text and, when the file is longer than is read, a sentence that says so.

    Raises FileRejected for binary content.
    """
    most = source.limits.characters
    with source.open() as file:
        data = file.read(most * BYTES_PER_CHARACTER)
        more = bool(file.read(1))
    try:
        text = decode(data, whole=not more)
    except NotText:
        raise FileRejected(
            "binary",
            "it is named as text but holds binary data",
            "Share the text itself, or save it as PDF.",
        ) from None
    missing = f"only its first {most:,} characters were read" if more or len(text) > most else None
    return text[:most], missing


def _pages(texts: list[str], missing: str | None, heading: str = "") -> Iterator[Page]:
    for number, text in enumerate(texts, start=1):
        yield Page(number, BLANK_LINE.sub("\n", clean(text)), heading=heading)
    if missing:
        raise LimitReached(missing)
