"""PDF through pypdf: slow and hard to kill. It judges passwords and reads what PDFium refuses or dies on."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO

import pypdf
from pypdf.errors import DependencyError, DeprecationError, FileNotDecryptedError, PyPdfError
from pypdf.generic import Destination

from bot.domain import Page
from bot.ingest.extract.clean import clean, one_line
from bot.ingest.extract.limits import MIB, LimitReached
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Reading, Source, Unreadable

DAMAGE = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    DependencyError,
    DeprecationError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What pypdf raises on damaged and hostile files besides its own errors. A page costs itself alone."""
BROKEN_WORD = re.compile(r"(?<=[a-z])-\n(?=[a-z]+\b(?!-))")
MAX_STREAM_BYTES = 50 * MIB


def read(source: Source) -> Reading:
    """Raises Unreadable when pypdf can't open it either, or not without a password."""
    _configure()
    try:
        reader = pypdf.PdfReader(BytesIO(source.read()))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(*ENCRYPTED)
        total = len(reader.pages)
    except FileNotDecryptedError:
        raise Unreadable(*ENCRYPTED) from None
    except DAMAGE:
        raise Unreadable(*DAMAGED) from None
    return Reading(total, _pages(reader, total))


def _configure() -> None:
    """Caps for hostile files; a context variable, so it is set where the reading happens."""
    pypdf.overwrite_configuration(
        maximum_declared_stream_length=MAX_STREAM_BYTES,
        array_based_stream_maximum_output_length=MAX_STREAM_BYTES,
        jbig2_maximum_output_length=MAX_STREAM_BYTES,
        lzw_maximum_output_length=MAX_STREAM_BYTES,
        run_length_maximum_output_length=MAX_STREAM_BYTES,
        zlib_maximum_output_length=MAX_STREAM_BYTES,
        brotli_maximum_output_length=MAX_STREAM_BYTES,
        stream_parsing_work_maximum_count=500_000,
        page_tree_maximum_entries=20_000,
        xform_maximum_invocations_per_extraction=1_000,
        jbig2dec_binary=None,
    )


def _pages(reader: pypdf.PdfReader, total: int) -> Iterator[Page]:
    labels, headings = _labels(reader), _headings(reader)
    failed = 0
    heading = ""
    for index in range(total):
        heading = headings.get(index, heading)
        try:
            text = reader.pages[index].extract_text()
        except DAMAGE:
            failed += 1
            continue
        label = labels[index] if index < len(labels) and labels[index] != str(index + 1) else None
        yield Page(index + 1, BROKEN_WORD.sub("", clean(text)), label, heading)
    if failed == total:
        raise Unreadable(*DAMAGED)
    if failed:
        raise LimitReached(f"{failed:,} of {total:,} pages are damaged and missing")


def _labels(reader: pypdf.PdfReader) -> list[str]:
    try:
        if "/PageLabels" not in reader.root_object:
            return []
        return [one_line(label) for label in reader.page_labels]
    except DAMAGE:
        return []


def _headings(reader: pypdf.PdfReader) -> dict[int, str]:
    """The first outline entry of each page that has one; sub-entries are left out."""
    headings: dict[int, str] = {}
    try:
        for entry in reader.outline:
            if isinstance(entry, Destination):
                index = reader.get_destination_page_number(entry)
                if index is not None and entry.title:
                    headings.setdefault(index, one_line(entry.title))
    except DAMAGE:
        headings.clear()
    return headings
