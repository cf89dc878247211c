from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.ole import make_msg
from support.pdf import make_pdf

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.msg import read
from bot.ingest.extract.reading import Source

NOON = (134_399_952_000_000_000,)
PLAIN, HTML, RTF, RECIPIENTS, ATTACHMENTS = 0x1000, 0x1013, 0x1009, 0x0E12, 0x0E13
SUBJECT, SENDER, SENDER_ADDRESS, DATA, FILE_NAME = 0x0037, 0x0C1A, 0x0C1F, 0x3701, 0x3707
TEXTUAL = b"{\\rtf1\\ansi Disk \\b full.\\par}"


def read_all(data: bytes, *, limits: Limits | None = None, depth: int = 0) -> tuple[list[Page], str | None]:
    """Pages, and what is missing."""
    pages = []
    try:
        pages.extend(read(Source(data, "msg", limits or Limits(), depth)).pages)
    except LimitReached as limit:
        return pages, str(limit)
    return pages, None


def attached(name: str, data: bytes | dict, **more: object) -> dict:
    return {FILE_NAME: name, DATA: data, **more}


def test_subject_people_date_and_text_are_read_as_in_a_mail() -> None:
    recipients = [
        {0x0C15: 1, 0x3001: "Bo", 0x39FE: "bo@one.example"},
        {0x0C15: 2, 0x3001: "cy@one.example", 0x3003: "cy@one.example"},
        {0x0C15: 3, 0x3001: "Blind"},
    ]
    message = {
        SUBJECT: "Größe: disk full",
        SENDER: "Ana",
        SENDER_ADDRESS: "ana@one.example",
        RECIPIENTS: recipients,
        0x0039: NOON,
        PLAIN: "It is full.\r\n",
    }
    assert read_all(make_msg(message)) == (
        [
            Page(
                1,
                "Subject: Größe: disk full\nFrom: Ana <ana@one.example>\nTo: Bo <bo@one.example>\n"
                "Cc: cy@one.example\nDate: Tue, 24 Nov 2026 12:00:00 +0000\n\nIt is full.",
                heading="Größe: disk full",
            )
        ],
        None,
    )


def test_an_address_within_the_organisation_says_nothing() -> None:
    message = {SENDER: "Ana", SENDER_ADDRESS: "/O=ONE/CN=ANA", 0x0E04: "Bo; Cy", PLAIN: "x"}
    assert read_all(make_msg(message))[0][0].text.startswith("From: Ana\nTo: Bo; Cy\n")


@pytest.mark.parametrize(
    ("bodies", "text"),
    [
        ({PLAIN: "Plain.", HTML: b"<p>Twin.</p>"}, "Plain."),
        ({PLAIN: " \r\n", HTML: b"<h2>Cause</h2><p>Gr\xf6\xdfe</p>"}, "## Cause\n\nGröße"),
        ({HTML: "<p>Wide.</p>"}, "Wide."),
        ({RTF: len(TEXTUAL).to_bytes(4, "little") * 2 + b"MELA" + bytes(4) + TEXTUAL}, "Disk full."),
        ({RTF: b"junk"}, ""),
        ({}, ""),
    ],
)
def test_the_body_is_the_plain_text_or_else_html_or_else_rtf(bodies: dict, text: str) -> None:
    pages, _ = read_all(make_msg({SUBJECT: "s", 0x3FDE: 1252, **bodies}))
    assert pages[0].text.removeprefix("Subject: s").strip() == text


def test_byte_texts_are_read_in_the_code_page_of_the_message() -> None:
    greek = make_msg({SUBJECT: "s", 0x3FFD: 1253, PLAIN: "x"}).replace(
        "__substg1.0_0037001F".encode("utf-16-le"), "__substg1.0_0037001E".encode("utf-16-le")
    )
    assert b"s\x00" in greek
    stream = greek.replace(b"s\x00" + bytes(62), b"\xe1\x00" + bytes(62))
    assert read_all(stream)[0][0].text.startswith("Subject: \u03b1\n")


def test_what_is_attached_comes_as_further_pages() -> None:
    message = {
        SUBJECT: "Outer",
        PLAIN: "See below.",
        ATTACHMENTS: [
            attached("report.pdf", make_pdf(["Disk full.", "Second."])),
            attached("table.csv", b"host,state\nsvc-7,full\n"),
            attached("clip.mp4", b"\0\0\0\x18ftypmp42" + bytes(99)),
            attached("logo.png", b"\x89PNG\r\n\x1a\n"),
        ],
    }
    pages, missing = read_all(make_msg(message))
    assert pages[0].text.endswith(
        "See below.\n\nAttached: report.pdf\nAttached: table.csv\nAttached: clip.mp4\nAttached: logo.png"
    )
    assert [(page.number, page.label, page.kind) for page in pages[1:]] == [
        (2, "report.pdf", "pdf"),
        (3, "report.pdf, p. 2", "pdf"),
        (4, "table.csv", "csv"),
    ]
    assert missing
    assert missing.startswith("2 of 4 attachments could not be read: clip.mp4 (")


def test_a_picture_within_the_text_is_not_missed() -> None:
    logo = {FILE_NAME: "image001.png", DATA: b"\x89PNG\r\n\x1a\n", 0x370E: "image/png", 0x3712: "image001@x"}
    assert read_all(make_msg({PLAIN: "Text.", ATTACHMENTS: [logo]}))[1] is None


def test_a_message_within_a_message_is_read_where_it_stands_and_its_attachments_too() -> None:
    inner = {SUBJECT: "Inner", PLAIN: "Forwarded.", ATTACHMENTS: [attached("deep.txt", b"Deep.")]}
    pages, missing = read_all(make_msg({SUBJECT: "Outer", PLAIN: "x", ATTACHMENTS: [{DATA: inner}]}))
    assert pages[0].text == "Subject: Outer\n\nx\n\nSubject: Inner\n\nForwarded.\n\nAttached: deep.txt"
    assert [(page.label, page.text) for page in pages[1:]] == [("deep.txt", "Deep.")]
    assert missing is None


def test_what_is_attached_to_an_attached_mail_of_an_attached_mail_stays_closed() -> None:
    message = make_msg({PLAIN: "x", ATTACHMENTS: [attached("a.txt", b"Deep.")]})
    assert len(read_all(message, depth=1)[0]) == 2
    assert read_all(message, depth=2)[1] == "what is attached to it was not read"


def test_of_a_long_message_the_beginning_is_read_and_that_is_said() -> None:
    pages, missing = read_all(make_msg({PLAIN: "word " * 100}), limits=Limits(characters=50))
    assert pages[0].text.startswith("word word")
    assert missing == "only its first 50 characters were read"


def test_messages_within_messages_without_end_stop() -> None:
    message: dict = {PLAIN: "innermost"}
    for level in range(30):
        message = {PLAIN: f"level {level}", ATTACHMENTS: [{DATA: message}]}
    pages, _ = read_all(make_msg(message))
    assert "level 20" in pages[0].text
    assert "innermost" not in pages[0].text


MESSAGE = make_msg({SUBJECT: "s", PLAIN: "x" * 5_000, ATTACHMENTS: [attached("a.txt", b"Text." * 20)]})


@pytest.mark.parametrize("cut", [8, 100, 512, 1_000, 4_000, len(MESSAGE) - 700])
def test_a_truncated_message_is_damaged_or_gives_what_is_left(cut: int) -> None:
    try:
        pages, _ = read_all(MESSAGE[:cut])
    except FileRejected as rejected:
        assert rejected.code == "damaged"  # noqa: PT017 - either is right
    else:
        assert all(isinstance(page.text, str) for page in pages)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(MESSAGE) - 1), st.integers(0, 255)), min_size=1, max_size=40))
def test_no_message_is_too_strange(changes: list[tuple[int, int]]) -> None:
    data = bytearray(MESSAGE)
    for place, value in changes:
        data[place] = value
    try:
        read_all(bytes(data))
    except FileRejected as rejected:
        assert rejected.code  # noqa: PT017 - any verdict will do
