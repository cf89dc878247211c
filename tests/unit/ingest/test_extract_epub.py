from __future__ import annotations

from pathlib import Path

import pytest
from support.office import make_zip

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.contents import look
from bot.ingest.extract.epub import read
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Reading, Source

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
BOOK = (
    "<package><metadata><title>Runbook</title></metadata><manifest>"
    '<item id="b" href="two.xhtml"/><item id="a" href="part%20one.xhtml"/><item id="c" href="gone.xhtml"/>'
    '</manifest><spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/>'
    '<itemref idref="x"/></spine>'
    "</package>"
)
CHAPTER = '<?xml version="1.0"?><!DOCTYPE html><html><body>{}</body></html>'


def make_epub(extra: dict[str, str | bytes] | None = None) -> bytes:
    return make_zip(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/book.opf": BOOK,
            "OPS/part one.xhtml": CHAPTER.format("<h1>Cause</h1><p>Disk full.</p>"),
            "OPS/two.xhtml": CHAPTER.format("<p>Again.</p>"),
            **(extra or {}),
        }
    )


def opened(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Reading:
    path = tmp_path / "book.epub"
    path.write_bytes(data)
    assert look(path, Limits()) == "epub"
    return read(Source(path, "epub", limits or Limits()))


def test_chapters_are_pages_in_reading_order_under_the_books_title(tmp_path: Path) -> None:
    reading = opened(tmp_path, make_epub())
    assert reading.total == 2
    assert list(reading.pages) == [
        Page(1, "# Cause\n\nDisk full.", heading="Runbook"),
        Page(2, "Again.", heading="Runbook"),
    ]


def test_a_chapter_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    pages = opened(tmp_path, make_epub({"OPS/part one.xhtml": bytes(range(256)) * 9})).pages
    assert [page.number for page in pages] == [2]


def test_of_a_long_book_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    long = CHAPTER.format("<p>" + "word " * 100)
    pages = opened(tmp_path, make_epub({"OPS/part one.xhtml": long}), Limits(characters=50)).pages
    next(pages)
    with pytest.raises(LimitReached, match="only its first 50 characters"):
        next(pages)


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"META-INF/rights.xml": "<rights/>"}, "encrypted"),
        ({"META-INF/container.xml": "<"}, "damaged"),
        ({"OPS/book.opf": "<package/>"}, "damaged"),
    ],
)
def test_what_can_not_be_read_is_refused(tmp_path: Path, extra: dict[str, str], code: str) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(tmp_path, make_epub(extra))
    assert rejected.value.code == code
