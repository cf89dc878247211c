from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Reading, Source
from bot.ingest.extract.rtf import read


def opened(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Reading:
    path = tmp_path / "file.rtf"
    path.write_bytes(data)
    return read(Source(path, "rtf", limits or Limits()))


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (rb"One.\par Two\~words.\par", "One.\n\nTwo words."),
        (rb"{\b bold}, {\i ita}lic\tab x\line y", "bold, italic\tx\ny"),
        (rb"{\fonttbl{\f0 Arial;}}{\colortbl;\red1;}{\*\generator X;}{\info{\title T}}Text", "Text"),
        (rb"{\pict 89504e47}Text{\field{\*\fldinst HYPERLINK}{\fldrslt link}}", "Textlink"),
        (rb"\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2", "Привет"),
        (rb"{\fonttbl{\f1\fcharset128 Mincho;}}{\f1 \'93\'fa\'96\'7b} plain", "日本 plain"),
        (rb"\u8364? \uc2\u26085\'93\'fa x \uc0\u-10179\u-8704", "€ 日 x 😀"),
        (
            rb"\trowd host\cell state\cell\row svc-7\cell full\cell\row After.",
            "host | state\nsvc-7 | full\n\nAfter.",
        ),
        (rb"\outlinelevel1 Cause\par\pard Disk \{full\}.", "## Cause\n\nDisk {full}."),
        (rb"a{\bin5 }{\\}b}c", "abc"),
        (b"{" * 5_000 + b"deep" + b"}" * 9_000, "deep"),
    ],
)
def test_text_is_read_and_what_is_no_text_is_not(tmp_path: Path, inner: bytes, text: str) -> None:
    (page,) = opened(tmp_path, rb"{\rtf1\ansi " + inner + b"}").pages
    assert page.text == text


def test_page_breaks_begin_new_pages(tmp_path: Path) -> None:
    assert [page.text for page in opened(tmp_path, rb"{\rtf1 One.\page Two.}").pages] == ["One.", "Two."]


def test_of_a_long_one_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    pages = opened(tmp_path, rb"{\rtf1 " + rb"word\par " * 2_000 + b"}", Limits(characters=50)).pages
    with pytest.raises(LimitReached, match="only its first 50 characters"):
        list(pages)


def test_what_is_no_rtf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(tmp_path, b"just words")
    assert rejected.value.code == "damaged"


@given(st.text(alphabet="\\{}'*u0129 f-bin\nparcell~", max_size=200))
def test_no_document_is_too_strange(tmp_path_factory: pytest.TempPathFactory, inner: str) -> None:
    list(opened(tmp_path_factory.getbasetemp(), b"{\\rtf1 " + inner.encode()).pages)
