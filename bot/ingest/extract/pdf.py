"""PDF through PDFium: 14 times the pages per CPU second of pypdf at equal text, in a child that may die.

It also tells labels and outline, so pypdf is imported only for what PDFium refuses.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
from pypdfium2 import raw

from bot.domain import Page
from bot.ingest.extract.clean import clean, one_line
from bot.ingest.extract.limits import MIB, LimitReached
from bot.ingest.extract.pdf_outline import Outline
from bot.ingest.extract.pdf_scan import FEW_CHARS, Scans
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Reading, Source, Unreadable

HYPHEN = "\ufffe"
"""PDFium writes this for a hyphen at a line end, and drops the line end."""
COMPOUND = re.compile(r"\ufffe(?=\w+-|[A-Z\d])")
"""…also within `commander-in-chief` and `MacOS-X`, where the hyphen belongs."""
FIRST_BUFFER_CHARS = 32_000
IN_MEMORY_BYTES = 64 * MIB
"""Up to here a file is read at once: PDFium takes three percent less time then."""


def read(source: Source) -> Reading:
    """Raises Unreadable when PDFium can't open it: damaged, or a password other than the empty one."""
    small = source.size <= IN_MEMORY_BYTES
    try:
        document = pypdfium2.PdfDocument(source.read() if small else source.content)
    except pypdfium2.PdfiumError as error:
        verdict = ENCRYPTED if error.err_code == raw.FPDF_ERR_PASSWORD else DAMAGED
        raise Unreadable(*verdict) from None
    return Reading(len(document), _pages(document, source))


def _pages(document: pypdfium2.PdfDocument, source: Source) -> Iterator[Page]:
    total = len(document)
    outline, buffer, scans = Outline(document), _Buffer(), Scans(document, source)
    failed = 0
    empty = True
    for index in range(total):
        text = buffer.text_of(document, index)
        if text is None:
            failed += 1
            continue
        if HYPHEN in text:
            text = COMPOUND.sub("-", text).replace(HYPHEN, "")
        text = clean(text)
        if len(text) < FEW_CHARS:
            text = scans.text(index, text)
        empty = empty and not text.strip()
        heading, headings = outline.of(index, text)
        yield Page(index + 1, text, _label(document, index), heading, headings=headings)
    document.close()
    if failed == total:
        raise Unreadable(*DAMAGED)
    if empty and not failed and (verdict := scans.verdict()):
        raise verdict
    damaged = f"{failed:,} of {total:,} pages are damaged and missing" if failed else None
    if missing := "; ".join(filter(None, (damaged, scans.missing()))):
        raise LimitReached(missing)


class _Buffer:
    """Where PDFium writes the text of one page after the other.

    PDFium's own functions instead of pypdfium2's classes: a new buffer and finalizer for each page took
    four percent of the time.
    """

    def __init__(self) -> None:
        self._grow(FIRST_BUFFER_CHARS)

    def _grow(self, chars: int) -> None:
        self._chars = (ctypes.c_ushort * chars)()
        self._bytes = memoryview(self._chars).cast("B")

    def text_of(self, document: pypdfium2.PdfDocument, index: int) -> str | None:
        """The text of a page, or None when PDFium can't load it."""
        page = raw.FPDF_LoadPage(document, index)
        if not page:
            return None
        text_page = raw.FPDFText_LoadPage(page)
        text = self._read(text_page) if text_page else None
        raw.FPDFText_ClosePage(text_page)
        raw.FPDF_ClosePage(page)
        return text

    def _read(self, text_page: Any) -> str:  # noqa: ANN401 - a C handle
        count = max(raw.FPDFText_CountChars(text_page), 0)
        needed = 2 * count + 1  # in UTF-16 a character takes up to two places; and the final zero
        if needed > len(self._chars):
            self._grow(needed)
        written = raw.FPDFText_GetText(text_page, 0, count, self._chars)
        return str(self._bytes[: 2 * (written - 1)], "utf-16-le", "ignore") if written > 1 else ""


def _label(document: pypdfium2.PdfDocument, index: int) -> str | None:
    """The printed page number where it differs from the counted one."""
    try:
        label = one_line(document.get_page_label(index))
    except UnicodeDecodeError:
        return None
    return label if label and label != str(index + 1) else None
