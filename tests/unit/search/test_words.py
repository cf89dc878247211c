from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain import Query
from bot.search.words import (
    MAX_TERMS,
    exact_pattern,
    phrases_of,
    spaced,
    terms_of,
    weighed_terms_of,
    words_of,
)


def test_stop_words_are_left_out() -> None:
    assert terms_of("why is the disk full?") == [("disk",), ("full",)]


def test_a_query_of_stop_words_alone_keeps_them() -> None:
    assert terms_of("to be or not to be") == [("to",), ("be",), ("or",), ("not",)]


def test_an_identifier_is_looked_for_whole_and_in_parts() -> None:
    assert terms_of("svc-payments-7") == [("svc", "payments", "7"), ("svc",), ("payments",), ("7",)]


@pytest.mark.parametrize("name", ["T-cell", "payments_v2", "a.out", "IL-6", "user@example.com", "C:\\temp"])
def test_names_with_signs_inside_are_looked_for_whole(name: str) -> None:
    assert terms_of(name)[0] == tuple(words_of(name))


@pytest.mark.parametrize("text", ["heat-transfer", "l'accès", "(well-known)"])
def test_words_that_are_only_joined_are_not(text: str) -> None:
    assert terms_of(text) == [(word,) for word in words_of(text)]


def test_what_a_long_question_repeats_weighs_more() -> None:
    short, long = "disk full disk", " ".join(f"word{n}x" for n in range(12)) + " disk disk"

    assert weighed_terms_of(short) == [("disk",), ("full",)]
    assert weighed_terms_of(long).count(("disk",)) == 2
    assert terms_of(long).count(("disk",)) == 1


def test_marks_are_composed_with_their_letters_for_the_index() -> None:
    assert spaced("re\u0301sume\u0301") == "r\u00e9sum\u00e9"


def test_a_word_asked_twice_counts_once() -> None:
    assert terms_of("Disk disk DISK") == [("Disk",)]


def test_endings_after_an_apostrophe_are_left_out() -> None:
    assert terms_of("the server's disk isn\u2019t mounted") == [("server",), ("disk",), ("mounted",)]


def test_scripts_without_spaces_are_looked_for_in_pairs() -> None:
    assert terms_of("接続エラー") == [("接", "続"), ("続", "エ"), ("エ", "ラ"), ("ラ", "ー")]
    assert terms_of("DB接続") == [("接", "続"), ("DB",)]
    assert terms_of("水") == [("水",)]


def test_scripts_without_spaces_are_set_apart_for_the_index() -> None:
    assert spaced("DB接続 ok").split() == ["DB", "接", "続", "ok"]
    assert spaced("plain text") == "plain text"


@given(st.text(max_size=5_000))
def test_terms_are_bounded_and_made_of_words(text: str) -> None:
    terms = terms_of(text)

    assert len(terms) <= MAX_TERMS
    assert all(words_of(word) == [word] for term in terms for word in term)


@given(st.text())
@example("\uf900")  # a character that is another one when composed
@example("か\u3099")
def test_setting_apart_keeps_every_word(text: str) -> None:
    assert words_of(spaced(text)) == words_of(text)


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("disk is full", "the DISK is\n full!", True),
        ("disk  is full", "disk is full", True),
        ("disk is full", "the disk was full", False),
        ("disk is full", "disk, is full", False),
        ("disk", "diskette", False),
        ("disk", "floppydisk", False),
        ("err-4711", "see ERR-4711.", True),
        ("err-4711", "ERR 4711", False),
        ("err-4711", "err\u20114711", True),
        ("don't panic", "Don\u2019t\npanic", True),
        ("a+b", "x = (A+B)", True),
        ("a+b", "a.b", False),
        ("C++", "the C++ compiler", True),
        ("==", "a == b", True),
        ("接続エラー", "データベース接続エラーが", True),
        ("接続エラー", "接続\nエラー", True),
        ("接続エラー", "接続とエラー", False),
        ("HTTP 接続", "HTTP接続", True),
        ("de\u0301ja\u0300 vu", "DE\u0301JA\u0300 VU", True),
    ],
)
def test_a_phrase_is_what_was_typed_whatever_the_case_and_the_spaces(
    phrase: str, text: str, holds: bool
) -> None:
    assert bool(exact_pattern(phrase).search(text)) is holds


@given(st.text(max_size=60), st.text(max_size=10), st.text(max_size=10))
def test_a_text_holds_the_phrase_that_stands_in_it_however_it_is_broken_into_lines(
    phrase: str, before: str, after: str
) -> None:
    broken = "\n ".join(phrase.split())
    text = f"{before}\n{broken} {after}"
    assert exact_pattern(phrase).search(text)


def test_phrases_without_words_are_none() -> None:
    assert phrases_of(Query("", ("?!", "", "ok"))) == [("ok",)]
