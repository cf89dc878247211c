"""PDF through PDFium: 14 times the pages per CPU second of pypdf at equal text, in a child that may die.

It also tells labels and outline, so pypdf is imported only for what PDFium refuses.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import pypdfium2

from bot.domain import Page
from bot.ingest.extract.clean import clean, one_line
from bot.ingest.extract.limits import LimitReached
from bot.ingest.extract.reading import Reading, Source, Unreadable

HYPHEN = "\ufffe"
"""PDFium writes this for a hyphen at a line end, and drops the line end."""
COMPOUND = re.compile(r"\ufffe(?=\w+-|[A-Z\d])")
"""…also within `commander-in-chief` and `MacOS-X`, where the hyphen belongs."""
MAX_HEADINGS = 2_000


def read(source: Source) -> Reading:
    """Raises Unreadable when PDFium can't open it: damaged, or a password (pypdf decides which)."""
    try:
        document = pypdfium2.PdfDocument(source.path)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(str(error)) from None
    return Reading(len(document), _pages(document))


def _pages(document: pypdfium2.PdfDocument) -> Iterator[Page]:
    total = len(document)
    starts, titles = _outline(document)
    failed = 0
    for index in range(total):
        text = _text(document, index)
        if text is None:
            failed += 1
            continue
        under = bisect_right(starts, index)
        yield Page(index + 1, text, _label(document, index), titles[under - 1] if under else "")
    document.close()
    if failed == total:
        raise Unreadable("none of its pages could be loaded")
    if failed:
        raise LimitReached(f"{failed:,} of {total:,} pages are damaged and missing")


def _text(document: pypdfium2.PdfDocument, index: int) -> str | None:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return None
    try:
        text = str(page.get_textpage().get_text_range())
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()  # and its text page
    if HYPHEN in text:
        text = COMPOUND.sub("-", text).replace(HYPHEN, "")
    return clean(text)


def _label(document: pypdfium2.PdfDocument, index: int) -> str | None:
    """The printed page number where it differs from the counted one."""
    try:
        label = one_line(document.get_page_label(index))
    except UnicodeDecodeError:
        return None
    return label if label and label != str(index + 1) else None


def _outline(document: pypdfium2.PdfDocument) -> tuple[list[int], list[str]]:
    """Page indices where outline entries begin, ascending, and their titles."""
    entries: dict[int, str] = {}
    try:
        for count, entry in enumerate(document.get_toc(max_depth=3)):
            if count >= MAX_HEADINGS:
                break
            target = entry.get_dest()
            index = target.get_index() if target else None
            title = one_line(entry.get_title())
            if index is not None and title:
                entries.setdefault(index, title)
    except (pypdfium2.PdfiumError, UnicodeDecodeError):
        entries.clear()  # headings are a help, not the text
    starts = sorted(entries)
    return starts, [entries[start] for start in starts]
