from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.extract.clean import HEADING_CHARS, clean, one_line


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\x85e\x0cf", "a\nb\nc\nd\ne\nf"),
        ("\x1b[31mERROR\x1b[0m disk \x1b]0;title\x07full", "ERROR disk full"),
        ("\x1b(Bplain\x1b=", "plain"),
        ("NUL\x00 and backspace\x08", "NUL and backspace"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\ufeffmark", "mark"),
        ("op\u00adtional hy\u00adphen", "optional hyphen"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("tab\tstays", "tab\tstays"),
        ("👨\u200d👩\u200d👧 stays whole", "👨\u200d👩\u200d👧 stays whole"),
    ],
)
def test_what_is_not_text_is_dropped(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Cf"])))
def test_cleaned_text_can_be_stored_anywhere_and_is_clean(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert "\r" not in cleaned
    assert clean(cleaned) == cleaned


def test_a_title_becomes_one_line_of_bounded_length() -> None:
    assert one_line(" Out\r\nage \x00 report ") == "Out age report"
    assert len(one_line("word " * 10_000)) <= HEADING_CHARS
