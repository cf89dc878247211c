from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Source
from bot.ingest.extract.text import read, read_table


def source(tmp_path: Path, data: bytes, kind: str = "text", limits: Limits | None = None) -> Source:
    path = tmp_path / "file"
    path.write_bytes(data)
    return Source(path, kind, limits or Limits())


def test_a_text_file_is_one_page(tmp_path: Path) -> None:
    reading = read(source(tmp_path, b"Disk full.\r\nAgain.\r\n"))
    assert (reading.total, list(reading.pages)) == (1, [Page(1, "Disk full.\nAgain.\n")])


def test_form_feeds_begin_new_pages(tmp_path: Path) -> None:
    reading = read(source(tmp_path, b"Page one.\x0cPage two.\n"))
    assert [(page.number, page.text) for page in reading.pages] == [(1, "Page one."), (2, "Page two.\n")]


def test_more_form_feeds_than_pages_are_allowed_are_line_ends(tmp_path: Path) -> None:
    (page,) = read(source(tmp_path, b"a\x0cb\x0cc", limits=Limits(pages=2))).pages
    assert page.text == "a\nb\nc"


def test_lines_of_spaces_are_blank_lines(tmp_path: Path) -> None:
    (page,) = read(source(tmp_path, b"One.\n \t \n   \nTwo.")).pages
    assert page.text == "One.\n\n\nTwo."


def test_a_table_has_its_first_row_as_heading(tmp_path: Path) -> None:
    (page,) = read_table(source(tmp_path, b"\xef\xbb\xbfname,disk\r\nsvc-7,full\r\n", "csv")).pages
    assert (page.text, page.heading) == ("name,disk\nsvc-7,full\n", "name,disk")


@pytest.mark.parametrize("data", [b"Disks,,\nname,disk\nsvc-7,full\n", b"Disks\nname,disk\n"])
def test_the_title_of_a_table_is_not_its_heading(tmp_path: Path, data: bytes) -> None:
    (page,) = read_table(source(tmp_path, data, "csv")).pages
    assert page.heading == "name,disk"


def test_of_a_long_file_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    pages = read(source(tmp_path, b"0123456789" * 3, limits=Limits(characters=25))).pages
    assert next(pages).text == ("0123456789" * 3)[:25]
    with pytest.raises(LimitReached, match="only its first 25 characters were read"):
        next(pages)


def test_a_file_longer_than_is_ever_loaded_is_cut_between_characters(tmp_path: Path) -> None:
    pages = read(source(tmp_path, b"x" + "é".encode() * 100, limits=Limits(characters=5))).pages
    assert next(pages).text == "xéééé"
    with pytest.raises(LimitReached):
        next(pages)


def test_binary_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected) as rejected:
        read(source(tmp_path, bytes(range(256)) * 20))
    assert rejected.value.code == "binary"
