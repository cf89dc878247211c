from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_attachments_are_named_texts_among_them_read_and_messages_within_messages_too(tmp_path: Path) -> None:
    message = mail("Outer", "See below.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="graph.png")
    message.add_attachment("host,state", subtype="csv", filename="table.csv")
    message.add_attachment(mail("Inner", "Forwarded."))
    text = text_of(tmp_path, message.as_bytes())
    for words in ("Attached: graph.png", "Attached: table.csv\n\nhost,state", "Subject: Inner", "Forwarded."):
        assert words in text


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
