from __future__ import annotations

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain import Query
from bot.search.snippet import ELLIPSIS, MAX_CHARS, snippet


def bold(text: str, asked: str, *phrases: str, max_chars: int = MAX_CHARS) -> str:
    """The snippet with its highlights between asterisks."""
    window, spans = snippet(text, Query(asked, phrases), max_chars)
    for start, end in reversed(spans):
        window = f"{window[:start]}*{window[start:end]}*{window[end:]}"
    return window


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("The disk is full", "disk", "The *disk* is full"),
        ("Disks were FILLED", "fill disk", "*Disks* were *FILLED*"),
        ("write failed: ENOSPC", "enospc", "write failed: *ENOSPC*"),
        ("see svc-payments-7 now", "SVC_payments-7", "see *svc-payments-7* now"),
        ("see svc and payments", "svc-payments-7", "see *svc* and *payments*"),
        ("Café Müller", "cafe muller", "*Café* *Müller*"),
        ("データベース接続エラーが発生", "接続エラー", "データベース*接続エラー*が発生"),
        ("the end of the day", "what is the end", "the *end* of the day"),
        ("nothing of that", "zebra", "nothing of that"),
        ("", "zebra", ""),
        ("diskette", "disk", "diskette"),
    ],
)
def test_words_that_match_are_highlighted(text: str, asked: str, shown: str) -> None:
    assert bold(text, asked) == shown


def test_an_exact_phrase_is_highlighted_with_its_small_words() -> None:
    assert bold("killed: out of memory", "out of memory", "out of memory") == "killed: *out of memory*"


def test_the_window_is_where_most_of_the_terms_are() -> None:
    text = "disk " * 30 + "filler " * 100 + "the disk of the payments service is full " + "filler " * 100

    window = bold(text, "payments disk full")

    assert "*disk* of the *payments* service is *full*" in window
    assert window.startswith(f"{ELLIPSIS}filler")
    assert window.endswith(f"filler{ELLIPSIS}")


def test_without_a_match_the_beginning_is_shown() -> None:
    window = bold("first words " + "and more " * 100, "zebra")

    assert window.startswith("first words and")
    assert window.endswith((f" and{ELLIPSIS}", f" more{ELLIPSIS}"))


def test_a_short_text_is_shown_whole() -> None:
    assert bold("  short\ttext\n", "zebra") == "  short\ttext\n"


def test_an_endless_word_is_cut() -> None:
    window = bold("x" * 5_000, "x")

    assert len(window) <= MAX_CHARS
    assert window == "x" * (len(window) - 1) + ELLIPSIS


def test_a_family_of_emoji_is_never_cut() -> None:
    family = "👩\u200d👩\u200d👧\u200d👦"

    window, _ = snippet(family * 200, Query("zebra"))

    assert window == family * (len(window) // len(family)) + ELLIPSIS


def test_words_are_not_cut_where_there_is_space() -> None:
    text = " ".join(f"word{number}" for number in range(200))

    window, _ = snippet(text, Query("word100"))

    assert set(window.strip(ELLIPSIS).split()) <= set(text.split())


odd = st.text(
    st.one_of(st.characters(), st.sampled_from(" \n\te\u0301\u200d🙂👩👧र्\u0600\r接続")), max_size=60
)
words = st.sampled_from(["disk", "full", "Café", "接続", "err-4711", "नमस्ते", "👩\u200d👧", "\u0600", "\r\n"])
texts = st.lists(st.one_of(words, odd), max_size=40).map(" ".join)


@given(
    text=texts,
    asked=st.lists(st.one_of(words, odd), max_size=4).map(" ".join),
    max_chars=st.integers(20, 400),
)
@example(text="\u0600disk " * 90, asked="disk", max_chars=100)
@example(text="क्\u200dष " * 200, asked="ष", max_chars=100)
def test_whatever_the_text_the_window_is_a_piece_of_it_and_the_spans_lie_inside(
    text: str, asked: str, max_chars: int
) -> None:
    window, spans = snippet(text, Query(asked, (asked,)), max_chars)

    assert len(window) <= max_chars
    whole = {0, len(text), *(found.end() for found in regex.finditer(r"\X", text))}
    inner, offset = window, 0
    if window != text:
        inner = window.removeprefix(ELLIPSIS) if inner not in text else inner
        inner = inner.removesuffix(ELLIPSIS) if inner not in text else inner
        offset = window.index(inner)
    assert inner in text
    places = [found.start() for found in regex.finditer(regex.escape(inner), text, overlapped=True)]
    ends = [0, *(end for _, end in spans)]
    for (start, end), before in zip(spans, ends, strict=False):
        assert before <= start < end <= len(window)
    assert any(
        place in whole
        and place + len(inner) in whole
        and all(place + edge - offset in whole for span in spans for edge in span)
        for place in places
    )


def test_words_of_another_language_match_by_its_stem() -> None:
    text = "Nach dem Ausfall wurden alle Datenbanken wiederhergestellt."

    shown, spans = snippet(text, Query("Was ist nach dem Ausfall der Datenbank zu tun?"))

    assert "Datenbanken" in [shown[start:end] for start, end in spans]
