from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Query
from bot.search.words import MAX_TERMS, phrase_pattern, phrases_of, spaced, terms_of, words_of


def test_stop_words_are_left_out() -> None:
    assert terms_of("why is the disk full?") == [("disk",), ("full",)]


def test_a_query_of_stop_words_alone_keeps_them() -> None:
    assert terms_of("to be or not to be") == [("to",), ("be",), ("or",), ("not",)]


def test_an_identifier_is_looked_for_whole_and_in_parts() -> None:
    assert terms_of("svc-payments-7") == [("svc", "payments", "7"), ("svc",), ("payments",), ("7",)]


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
def test_setting_apart_keeps_every_word(text: str) -> None:
    assert words_of(spaced(text)) == words_of(text)


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("disk is full", "the DISK is\n full!", True),
        ("disk is full", "the disk was full", False),
        ("disk", "diskette", False),
        ("disk", "floppydisk", False),
        ("err-4711", "ERR 4711", True),
        ("接続エラー", "データベース接続エラーが", True),
        ("接続エラー", "接続\nエラー", True),
        ("接続エラー", "接続とエラー", False),
        ("a+b", "a.b", True),
    ],
)
def test_a_phrase_is_its_words_in_order_whatever_is_between(phrase: str, text: str, holds: bool) -> None:
    (words,) = phrases_of(Query("", (phrase,)))

    assert bool(phrase_pattern(words).search(text)) is holds


def test_phrases_without_words_are_none() -> None:
    assert phrases_of(Query("", ("?!", "", "ok"))) == [("ok",)]
