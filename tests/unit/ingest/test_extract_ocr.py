"""Pictures of text, through tesseract where it is installed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.pictures import Picture, bmp, picture_of, png, scan, tiff

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract import images, ocr, pdf
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.pdf_scan import ranges
from bot.ingest.extract.reading import Source

TEXT = "The payment service ran out of disk space\nbecause nobody rotated its log files."
WHITE = Picture(595, 842, b"\xff" * 595 * 842)
needs_tesseract = pytest.mark.skipif(not ocr.languages(), reason="tesseract is not installed")
without_tesseract = pytest.mark.skipif(bool(ocr.languages()), reason="tesseract is installed")


@pytest.fixture(scope="module")
def picture() -> Picture:
    return picture_of(TEXT)


def read(data: bytes, kind: str = "image", **limits: float) -> tuple[list[Page], str | None]:
    reader = {"image": images.read, "pdf": pdf.read}[kind]
    pages: list[Page] = []
    try:
        pages.extend(reader(Source(data, kind, Limits(**limits))).pages)
    except LimitReached as limit:
        return pages, str(limit)
    return pages, None


def refused(data: bytes, kind: str = "image", **limits: float) -> FileRejected:
    with pytest.raises(FileRejected) as caught:
        read(data, kind, **limits)
    return caught.value


@needs_tesseract
@pytest.mark.parametrize("encode", [png, bmp])
def test_the_text_of_an_image_is_read(encode: Callable[[Picture], bytes], picture: Picture) -> None:
    ([page], missing) = read(encode(picture))
    assert (page.number, missing) == (1, None)
    assert "payment service ran out of disk space\nbecause nobody rotated" in page.text


@needs_tesseract
def test_each_picture_of_a_fax_is_a_page(picture: Picture) -> None:
    pages, missing = read(tiff([picture, WHITE, picture]))
    assert [(page.number, bool(page.text)) for page in pages] == [(1, True), (2, False), (3, True)]
    assert missing is None


@needs_tesseract
def test_an_image_that_lies_on_its_head_is_read() -> None:
    page = picture_of("\n".join([TEXT] * 10))
    ([read_page], _) = read(png(Picture(page.width, page.height, page.pixels[::-1])))
    if "osd" not in ocr.installed():
        pytest.skip("tesseract's data for orientation are not installed")
    assert "payment service" in read_page.text


@needs_tesseract
def test_an_image_without_text_is_refused() -> None:
    assert refused(png(WHITE)).public_message == "no text found in this image"


@needs_tesseract
def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded(picture: Picture) -> None:
    error = refused(png(picture), image_pixels=500_000)
    assert error.code == "too_large"
    assert "million pixels" in error.public_message


@needs_tesseract
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"GIF89a", "damaged"),
        (b"II*\0", "damaged"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(99), "unsupported"),
    ],
)
def test_an_image_that_can_not_be_decoded_is_refused(data: bytes, code: str) -> None:
    assert refused(data).code == code


@needs_tesseract
def test_a_cut_off_image_is_refused_or_read_as_far_as_it_goes(picture: Picture) -> None:
    data = png(picture)
    assert refused(data[: len(data) // 2]).code == "damaged"


@needs_tesseract
def test_pages_beyond_the_time_for_recognising_are_missing(picture: Picture) -> None:
    pages, missing = read(tiff([picture] * 3), ocr_cpu_s=0.01)
    assert len(pages) == 1
    assert missing == "only its first 1 pictures were read: recognising text takes long"


@needs_tesseract
def test_an_endless_picture_is_cut_short(picture: Picture) -> None:
    assert refused(png(picture), ocr_page_cpu_s=0.0).code == "no_text"


@needs_tesseract
def test_scanned_pages_among_others_are_read(picture: Picture) -> None:
    pages, missing = read(scan(["First page, with a text of its own.", picture]), "pdf")
    assert pages[0].text == "First page, with a text of its own."
    assert "rotated its log files" in pages[1].text
    assert missing is None


@needs_tesseract
def test_a_scan_in_which_nothing_can_be_made_out_is_refused() -> None:
    error = refused(scan([WHITE]), "pdf")
    assert error.code == "no_text"
    assert error.public_message.startswith("no text found: it is a scan")


@needs_tesseract
def test_scans_beyond_the_time_for_recognising_are_named(picture: Picture) -> None:
    pages, missing = read(scan(["Title page.", *[picture] * 4]), "pdf", ocr_cpu_s=0.01)
    assert [bool(page.text) for page in pages] == [True, True, False, False, False]
    assert missing == "pages 3 to 5 are scans and took too long to recognise"


@without_tesseract
def test_without_tesseract_scans_among_other_pages_are_named(picture: Picture) -> None:
    pages, missing = read(scan(["Title page.", picture]), "pdf")
    assert [bool(page.text) for page in pages] == [True, False]
    assert missing == "page 2 is a scan and can't be read here, for lack of tesseract"


@without_tesseract
@pytest.mark.parametrize(("kind", "encode"), [("pdf", lambda picture: scan([picture])), ("image", png)])
def test_without_tesseract_pictures_are_refused_with_both_ways_out(
    kind: str, encode: Callable[[Picture], bytes], picture: Picture
) -> None:
    error = refused(encode(picture), kind)
    assert (error.code, error.public_message[:13]) == ("no_text", "no text found")
    assert "Share" in error.advice
    assert "installs tesseract" in error.advice


def test_a_page_with_little_text_and_no_picture_is_not_a_scan() -> None:
    assert read(scan(["The end."]), "pdf") == ([Page(1, "The end.")], None)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([3], "page 3"),
        ([3, 4], "pages 3 to 4"),
        ([1, 3], "pages 1 and 3"),
        ([2, 5, 6, 7, 12], "pages 2, 5 to 7 and 12"),
        (list(range(1, 61, 2)), "pages 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 18 more"),
    ],
)
def test_pages_are_named_in_ranges(numbers: list[int], words: str) -> None:
    assert ranges(numbers) == words
