from __future__ import annotations

import pytest

from bot.errors import FileRejected
from bot.ingest.extract.kinds import BY_EXTENSION, UNSUPPORTED
from bot.ingest.extract.readers import READERS
from bot.ingest.extract.sniff import sniff

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
HTML = b"\n<!DOCTYPE html><html><body>Please sign in</body></html>"


def refused(head: bytes, name: str, mimetype: str = "") -> FileRejected:
    with pytest.raises(FileRejected) as rejected:
        sniff(head, name, mimetype)
    return rejected.value


@pytest.mark.parametrize(
    ("head", "name", "mimetype", "kind"),
    [
        (b"%PDF-1.7\n", "report.pdf", "application/pdf", "pdf"),
        (b"%PDF-1.7\n", "report.txt", "text/plain", "pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4\n", "report", "", "pdf"),
        (b"junk before\n" * 70 + b"%PDF-1.4\n", "report.pdf", "", "pdf"),
        (b"how %PDF-1.7 files begin", "notes.md", "", "markdown"),
        (b"plain", "notes.TXT", "", "text"),
        (b"plain", "Makefile", "", "code"),
        (b"plain", "Dockerfile", "application/octet-stream", "code"),
        (b"plain", "notes", "text/plain", "text"),
        (b"plain", "notes.unheard-of", "", "text"),
        (b"a,b\n1,2\n", "upload", "text/csv; charset=utf-8", "csv"),
        (b"a\tb\n", "table.tsv", "", "csv"),
        (b"{}", "a.json", "application/json", "json"),
        (b"a: 1", "a.yml", "", "yaml"),
        (b"ERROR", "app.log", "text/plain", "log"),
        (b"import os", "a.py", "text/x-python", "code"),
        (b"<?xml version='1.0'?><a/>", "pom.xml", "application/xml", "code"),
        (b"[tool]", "pyproject.toml", "", "code"),
        (b"--- a\n+++ b\n", "fix.diff", "text/x-diff", "code"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello", "talk.srt", "", "subtitles"),
        (b"\xef\xbb\xbfWEBVTT\n", "standup.m4a", "audio/mp4", "subtitles"),
        (b"{}", "retrospective.post", "text/plain", "post"),
        (b"From: a@b.example", "mail.eml", "message/rfc822", "eml"),
        (b"{\\rtf1 text}", "letter.doc", "application/msword", "rtf"),
        (b"{}", "book.ipynb", "application/json", "ipynb"),
        (HTML, "page.html", "text/html", "html"),
        (HTML, "page", "", "html"),
        (b"<h1>Plan</h1>", "Plan", "application/vnd.slack-docs", "html"),
        (HTML, "page-source.txt", "text/plain", "text"),
        (HTML, "export.xls", "application/vnd.ms-excel", "html"),
        (b"host\tstate\n", "export.xls", "", "csv"),
        (OLE, "letter.docx", "", "ole"),
        (b"\x1f\x8bpacked", "app.log.gz", "", "gzip"),
        (bytes(257) + b"ustar", "logs", "", "tar"),
        (b"PK\x03\x04rest", "letter.docx", "", "zip"),
        (b"PK\x03\x04rest", "disguised.txt", "text/plain", "zip"),
    ],
)
def test_bytes_then_name_then_mimetype_tell_the_kind(
    head: bytes, name: str, mimetype: str, kind: str
) -> None:
    assert sniff(head, name, mimetype) == kind


@pytest.mark.parametrize(
    ("head", "name", "code", "words"),
    [
        (b"", "a.pdf", "empty", "empty"),
        (b"\x00\x00\x00\x18ftypisom", "film.mp4", "unsupported", "video"),
        (HTML, "report.pdf", "not_pdf", "web page"),
        (b"just words", "report.pdf", "not_pdf", "isn't a PDF"),
        (HTML, "letter.docx", "wrong_name", "isn't a Word document"),
        (b"just words", "slides.pptx", "wrong_name", "isn't a PowerPoint presentation"),
        (b"7z\xbc\xaf\x27\x1cpacked", "logs.7z", "unsupported", "archives"),
        (b"just words", "mail.msg", "wrong_name", "isn't an Outlook message"),
        (b"just words", "all.zip", "wrong_name", "isn't a zip archive"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted.asc", "encrypted", "encrypted"),
        (b"\x7fELF\x02\x01\x01" + bytes(50), "app.log", "binary", "program"),
        (b"SQLite format 3\x00", "state.db", "binary", "database"),
        (b"MZ\x90\x00", "macro.xls", "binary", "program"),
    ],
)
def test_what_can_not_be_read_is_refused_with_the_reason(
    head: bytes, name: str, code: str, words: str
) -> None:
    rejected = refused(head, name)
    assert rejected.code == code
    assert words in rejected.public_message
    assert rejected.advice.endswith(".")
    assert not rejected.public_message.endswith(".")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (PNG, "photo.png"),
        (PNG, "scan.pdf"),
        (PNG, "slides.pptx"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "photo.webp"),
        (b"\x00\x00\x00\x18ftypheic", "photo.heic"),
        (b"BM\x00\x00", "photo.bmp"),
    ],
)
def test_an_image_is_one_whatever_it_is_called(head: bytes, name: str) -> None:
    assert sniff(head, name, "") == "image"


def test_a_refusal_by_kind_lists_what_is_read() -> None:
    assert (
        "PDF, Word, PowerPoint, Excel, OpenDocument, RTF, EPUB, web pages" in refused(b"x", "film.mp4").advice
    )


def test_the_mimetype_speaks_where_the_name_does_not() -> None:
    assert sniff(b"anything", "upload", "image/x-portable-pixmap") == "image"
    assert refused(b"anything", "upload", "video/quicktime").code == "unsupported"


def test_every_kind_that_a_name_can_mean_is_either_read_or_refused_by_name() -> None:
    assert set(BY_EXTENSION.values()) == set(READERS) | set(UNSUPPORTED)
