"""Pages of a PDF that are pictures of text: which they are, what tesseract reads in them, what is missing."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any

import pypdfium2
from pypdfium2 import raw

from bot.errors import FileRejected
from bot.ingest.extract.ocr import Ocr
from bot.ingest.extract.reading import Source

FEW_CHARS = 80
"""A scan may have a stamp or a page number as text; a page with more text is none."""
MAX_OBJECTS = 1_000
PICTURES = frozenset({raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM})
DRAWN_OBJECTS = 50
"""Letters drawn as outlines: so many paths and shadings and no text."""
SCANNED_SHARE, SCANNED_SHARE_BESIDE_TEXT = 0.1, 0.5
"""Of the page, in pictures."""
DPI = 200
"""At 300 tesseract reads no better and takes a sixth more time."""
POINTS_PER_INCH = 72
MAX_RANGES = 12
SHARE_TEXT = "Share a version with a text layer (run OCR on it), or the text itself"
ADVICE = f"{SHARE_TEXT}; or whoever runs me installs tesseract, with which I read scans."


class Scans:
    """Of one document. What is read, and what isn't."""

    def __init__(self, document: pypdfium2.PdfDocument, source: Source) -> None:
        self._document = document
        self._source = source
        self._ocr: Ocr | None = None
        self._unread: list[int] = []
        self._empty = 0

    def text(self, index: int, found: str) -> str:
        """The text of a page that has little, where it turns out to be a scan."""
        page = raw.FPDF_LoadPage(self._document, index)
        try:
            if not page or not _is_scan(page, beside_text=bool(found.strip())):
                return found
            ocr = self._ocr = self._ocr or Ocr(self._source.limits, self._source.ocr_time)
            if ocr.recognizer is None or ocr.exhausted:
                self._unread.append(index + 1)
                return found
            text = self._recognized(page, ocr)
        finally:
            raw.FPDF_ClosePage(page)
        self._empty += not text
        return text if len(text) > len(found) else found

    def missing(self) -> str | None:
        """A sentence on scans that were not read."""
        if not self._unread:
            return None
        able = self._ocr is not None and self._ocr.recognizer is not None
        why = "took too long to recognise" if able else "can't be read here, for lack of tesseract"
        one = len(self._unread) == 1
        return f"{ranges(self._unread)} {'is a scan' if one else 'are scans'} and {why}"

    def verdict(self) -> FileRejected | None:
        """Why there is no text, where scans are the reason."""
        if self._unread:
            return FileRejected("no_text", "no text found: it is a scan", ADVICE)
        if self._empty:
            reason = "no text found: it is a scan in which I can't make any out"
            return FileRejected("no_text", reason, f"{SHARE_TEXT}.")
        return None

    def _recognized(self, page: Any, ocr: Ocr) -> str:  # noqa: ANN401 - a C handle
        inches = raw.FPDF_GetPageWidthF(page) * raw.FPDF_GetPageHeightF(page) / POINTS_PER_INCH**2
        fitting = (self._source.limits.ocr_pixels / max(inches, 1e-6)) ** 0.5
        dpi = min(DPI, fitting)
        width, height = (
            max(1, int(points * dpi / POINTS_PER_INCH))
            for points in (raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page))
        )
        bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            raise MemoryError
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT)
            pixels = ctypes.cast(raw.FPDFBitmap_GetBuffer(bitmap), ctypes.c_void_p)
            assert ocr.recognizer is not None  # noqa: S101 - the caller looked
            ocr.recognizer.set_grey(pixels, width, height, raw.FPDFBitmap_GetStride(bitmap))
        finally:
            raw.FPDFBitmap_Destroy(bitmap)
        return ocr.text(round(dpi))


def _is_scan(page: Any, *, beside_text: bool) -> bool:  # noqa: ANN401 - a C handle
    """Whether pictures cover enough of a page, or it is drawn."""
    area: float = raw.FPDF_GetPageWidthF(page) * raw.FPDF_GetPageHeightF(page)
    edges = [ctypes.c_float() for _ in range(4)]
    count = min(raw.FPDFPage_CountObjects(page), MAX_OBJECTS)
    covered = 0.0
    for number in range(count):
        item = raw.FPDFPage_GetObject(page, number)
        if raw.FPDFPageObj_GetType(item) in PICTURES and raw.FPDFPageObj_GetBounds(item, *edges):
            left, bottom, right, top = (edge.value for edge in edges)
            covered += abs((right - left) * (top - bottom))
    share = covered / area if area > 0 else 0.0
    return share >= (SCANNED_SHARE_BESIDE_TEXT if beside_text else SCANNED_SHARE) or (
        not beside_text and count >= DRAWN_OBJECTS
    )


def ranges(numbers: list[int]) -> str:
    """Ascending page numbers in words: `pages 2, 5 to 9 and 12`."""
    if len(numbers) == 1:
        return f"page {numbers[0]:,}"
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after > before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after > before + 1), numbers[-1]]
    spans = [
        f"{first:,}" if first == last else f"{first:,} to {last:,}"
        for first, last in zip(starts, ends, strict=True)
    ]
    if len(spans) > MAX_RANGES:
        spans = [*spans[:MAX_RANGES], f"{len(spans) - MAX_RANGES:,} more"]
    head, last_span = ", ".join(spans[:-1]), spans[-1]
    return f"pages {head} and {last_span}" if head else f"pages {last_span}"
