from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pdf import make_pdf

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.mail import read
from bot.ingest.extract.reading import Reading, Source


def opened(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Reading:
    path = tmp_path / "mail.eml"
    path.write_bytes(data)
    return read(Source(path, "eml", limits or Limits()))


def text_of(tmp_path: Path, data: bytes) -> str:
    return "\n".join(page.text for page in opened(tmp_path, data).pages)


def mail(subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ana <ana@one.example>", "bo@one.example"
    message["Subject"], message["Date"] = subject, "Tue, 24 Nov 2026 13:00:00 +0000"
    message.set_content(text)
    return message


def test_subject_people_date_and_text_are_read(tmp_path: Path) -> None:
    (page,) = opened(tmp_path, mail("Größe: disk full", "It is full.\n\nAgain: é.").as_bytes()).pages
    assert page == Page(
        1,
        "Subject: Größe: disk full\nFrom: Ana <ana@one.example>\nTo: bo@one.example\n"
        "Date: Tue, 24 Nov 2026 13:00:00 +0000\n\nIt is full.\n\nAgain: é.",
        heading="Größe: disk full",
    )


def test_of_plain_text_and_its_html_twin_the_plain_one_is_read(tmp_path: Path) -> None:
    message = mail("s", "Plain.")
    message.add_alternative("<p>Twin.</p>", subtype="html")
    text = text_of(tmp_path, message.as_bytes())
    assert ("Plain." in text, "Twin." in text) == (True, False)


def test_html_alone_is_read_without_its_tags(tmp_path: Path) -> None:
    message = EmailMessage()
    message.set_content("<h2>Cause</h2><p>Größe</p>", subtype="html", charset="latin-1")
    assert text_of(tmp_path, message.as_bytes()) == "## Cause\n\nGröße"


def read_all(tmp_path: Path, message: EmailMessage, depth: int = 0) -> tuple[list[Page], str | None]:
    """Pages, and what is missing."""
    path = tmp_path / "mail.eml"
    path.write_bytes(message.as_bytes())
    pages: list[Page] = []
    try:
        pages.extend(read(Source(path, "eml", Limits(), depth)).pages)
    except LimitReached as limit:
        return pages, str(limit)
    return pages, None


def test_what_is_attached_is_named_and_comes_as_further_pages(tmp_path: Path) -> None:
    message = mail("Outer", "See below.")
    message.add_attachment(
        make_pdf(["Disk full.", "Second."]), maintype="application", subtype="pdf", filename="report.pdf"
    )
    message.add_attachment("host,state\n", subtype="csv", filename="table.csv", disposition="inline")
    message.add_attachment(b"\0\0\0\x18ftypmp42", maintype="video", subtype="mp4", filename="clip.mp4")
    pages, missing = read_all(tmp_path, message)
    assert pages[0].text.endswith(
        "See below.\n\nAttached: report.pdf\nAttached: table.csv\nAttached: clip.mp4"
    )
    assert [(page.number, page.label, page.heading, page.kind) for page in pages[1:]] == [
        (2, "report.pdf", "report.pdf", "pdf"),
        (3, "report.pdf, p. 2", "report.pdf", "pdf"),
        (4, "table.csv", "table.csv: host,state", "csv"),
    ]
    assert missing == (
        "1 of 3 attachments could not be read: clip.mp4 (audio and video files aren't supported yet)"
    )


def test_messages_within_messages_are_read_where_they_stand_with_what_is_attached_to_them(
    tmp_path: Path,
) -> None:
    inner = mail("Inner", "Forwarded.")
    inner.add_attachment("Deep.", filename="deep.txt")
    message = mail("Outer", "See below.")
    message.add_attachment(inner)
    pages, missing = read_all(tmp_path, message)
    assert "Subject: Inner\n" in pages[0].text
    assert "Forwarded." in pages[0].text
    assert [(page.label, page.text.strip()) for page in pages[1:]] == [("deep.txt", "Deep.")]
    assert missing is None


def test_a_mail_attached_as_a_file_is_read_with_what_is_attached_to_it_and_no_deeper(tmp_path: Path) -> None:
    inner, name = b"Deep.", "deep.txt"
    for level in range(3):
        message = mail(f"Level {level}", "Text.")
        message.add_attachment(inner, "application", "octet-stream", filename=name)
        inner, name = message.as_bytes(), f"level-{level}.eml"
    pages, missing = read_all(tmp_path, message)
    assert [page.label for page in pages] == [None, "level-1.eml", "level-1.eml, level-0.eml"]
    assert missing == "level-1.eml: level-0.eml: what is attached to it was not read"


def test_pictures_within_the_text_signatures_and_style_sheets_are_not_missed(tmp_path: Path) -> None:
    message = mail("s", "Text.")
    message.add_attachment(
        b"\x89PNG\r\n\x1a\n", "image", "png", filename="image001.png", disposition="inline", cid="<1@x>"
    )
    message.add_attachment(b"\x89PNG\r\n\x1a\n", "image", "png", disposition="inline")
    message.add_attachment(b"signed", "application", "pkcs7-signature", filename="smime.p7s")
    message.add_attachment("p { color: red }", subtype="css", disposition="inline")
    pages, missing = read_all(tmp_path, message)
    assert len(pages) == 1
    assert "color" not in pages[0].text
    assert missing is None


def test_an_attachment_without_a_name_is_called_by_its_type(tmp_path: Path) -> None:
    message = mail("s", "Text.")
    message.add_attachment(make_pdf(["Disk full."]), "application", "pdf")
    assert [page.label for page in read_all(tmp_path, message)[0]] == [None, "attachment.pdf"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Subject: =?foo-8?Q?hi?= x\nContent-Type: text/plain; charset=no-such\n\ncaf\xe9", "café"),
        (b"Subject: =?utf-8?B?!!!?=\n\nbody", "body"),
        (b"Subject: caf\xe9\n\nbody", "body"),
        (b"Content-Type: multipart/mixed; boundary=x\n\nno part ever begins", ""),
        (b"Content-Transfer-Encoding: base64\n\n====", ""),
        (b"no header at all", "no header at all"),
    ],
)
def test_malformed_mail_costs_only_what_is_malformed(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in text_of(tmp_path, data)


@pytest.mark.parametrize(
    "data",
    [
        "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(60)).encode(),
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: text/plain\n\n" * 2_001,
    ],
)
def test_too_many_parts_are_refused_before_they_are_parsed(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(tmp_path, data)
    assert rejected.value.code == "damaged"


def test_of_a_long_mail_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    pages = opened(tmp_path, b"Subject: x\n\n" + b"word " * 100, Limits(characters=50)).pages
    assert next(pages).text.startswith("Subject: x\n\nword")
    with pytest.raises(LimitReached, match="only its first 50 characters"):
        next(pages)


@given(st.binary(max_size=200), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "?"]))
def test_no_mail_is_too_strange(tmp_path_factory: pytest.TempPathFactory, data: bytes, encoding: str) -> None:
    head = f"Content-Type: text/plain; charset\nContent-Transfer-Encoding: {encoding}\nSubject: ".encode()
    assert isinstance(text_of(tmp_path_factory.getbasetemp(), head + data), str)
