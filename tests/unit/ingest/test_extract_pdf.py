from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from support.pdf import make_pdf

from bot.errors import FileRejected
from bot.ingest.extract import pdf, pdf_second
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Reader, Source, Unreadable

BOTH = pytest.mark.parametrize("read", [pdf.read, pdf_second.read], ids=["pdfium", "pypdf"])
PAGES = ["Disk full on svc-payments-7.", "", "Third page."]


@pytest.fixture
def source(tmp_path: Path) -> Callable[[bytes], Source]:
    def save(data: bytes) -> Source:
        path = tmp_path / "file.pdf"
        path.write_bytes(data)
        return Source(path, "pdf", Limits())

    return save


def changed(change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    """The three pages after a change that pypdf makes."""
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(BytesIO(make_pdf(PAGES))))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@BOTH
def test_pages_come_in_order_with_their_text(read: Reader, source: Callable[[bytes], Source]) -> None:
    reading = read(source(make_pdf(PAGES)))
    assert reading.total == 3
    assert [(page.number, page.text.strip(), page.label) for page in reading.pages] == [
        (1, "Disk full on svc-payments-7.", None),
        (2, "", None),
        (3, "Third page.", None),
    ]


@BOTH
def test_printed_page_numbers_are_labels_where_they_differ(
    read: Reader, source: Callable[[bytes], Source]
) -> None:
    labelled = changed(lambda writer: writer.set_page_label(0, 1, style="/r", prefix="A-"))
    assert [page.label for page in read(source(labelled)).pages][:2] == ["A-i", "A-ii"]


@BOTH
def test_the_outline_gives_each_page_the_heading_it_stands_under(
    read: Reader, source: Callable[[bytes], Source]
) -> None:
    outlined = changed(lambda writer: writer.add_outline_item(title="Outage\nreport", page_number=1))
    assert [page.heading for page in read(source(outlined)).pages] == ["", "Outage report", "Outage report"]


def test_headings_of_the_outline_stand_where_the_page_has_them(source: Callable[[bytes], Source]) -> None:
    texts = [
        "The cause is told below.\n1.2 Cause\nThe disk was full.\nDisk full\nAgain.",
        "Rotate the logs.",
    ]
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(BytesIO(make_pdf(texts))))
    for title, page in (("Cause", 0), ("Not in the text", 0), ("Disk full", 0), ("Cure", 1)):
        writer.add_outline_item(title=title, page_number=page)
    out = BytesIO()
    writer.write(out)
    first, second = pdf.read(source(out.getvalue())).pages
    assert first.heading == ""
    assert [(first.text[place:].split("\n")[0].strip(), title) for place, title in first.headings] == [
        ("1.2 Cause", "Cause"),
        ("Disk full", "Disk full"),
    ]
    assert (second.heading, second.headings) == ("Cure", ())


@BOTH
def test_a_password_is_told_from_damage(read: Reader, source: Callable[[bytes], Source]) -> None:
    locked = changed(lambda writer: writer.encrypt("secret", algorithm="RC4-128"))
    with pytest.raises(FileRejected) as rejected:
        read(source(locked))
    assert rejected.value.code == "encrypted"


@BOTH
def test_an_empty_password_is_none(read: Reader, source: Callable[[bytes], Source]) -> None:
    locked = changed(lambda writer: writer.encrypt("", "owner", algorithm="RC4-128"))
    assert "Disk full" in next(read(source(locked)).pages).text


@BOTH
@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\x00junk" * 500])
def test_what_has_no_pages_is_unreadable(
    read: Reader, data: bytes, source: Callable[[bytes], Source]
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        list(read(source(data)).pages)
    assert unreadable.value.code == "damaged"


@pytest.mark.parametrize(
    ("read", "whole", "broken"),
    [
        (pdf.read, b"6 0 obj\n<< /Type /Page ", b"6 0 obj\n<< /Type /Nope "),
        (pdf_second.read, b"5 0 obj\n<< /Length", b"5 0 obj\n<< /Filter /Nope /Length"),
    ],
    ids=["pdfium", "pypdf"],
)
def test_damaged_pages_are_left_out_and_that_is_said(
    read: Reader, whole: bytes, broken: bytes, source: Callable[[bytes], Source]
) -> None:
    pages = read(source(make_pdf(PAGES).replace(whole, broken))).pages
    assert len([next(pages), next(pages)]) == 2
    with pytest.raises(LimitReached, match="1 of 3 pages are damaged and missing"):
        next(pages)


def test_line_ends_inside_words_are_healed(source: Callable[[bytes], Source]) -> None:
    text = "The disk of the pay-\nment service and the com-\nmander-in-chief."
    (first,) = pdf.read(source(make_pdf([text]))).pages
    (second,) = pdf_second.read(source(make_pdf([text]))).pages
    assert "payment service" in first.text.replace("\n", " ")
    assert "payment service" in second.text.replace("\n", " ")


def test_a_page_longer_than_the_first_buffer_is_read_whole(source: Callable[[bytes], Source]) -> None:
    words = " ".join(f"w{number}" for number in range(9000))
    (page,) = pdf.read(source(make_pdf([words]))).pages
    assert {"w0", "w8999"} <= set(page.text.split())
