from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from bot.search.stem import stem

PARTS = (
    ["", "re", "un", "multi"],
    ["relat", "connect", "hop", "fall", "agree", "fil", "cry", "proxy", "index"],
)
ENDINGS = """
 s es ies ed eed ing ings e er ers y ly ation ations ational ization izer iveness fulness ousness alism ality
ivity ability ical icate ative ness ful ment ement able ible ance ence ion sion tion ism ate ous ive ize
ll lling
"""


def fts5_stems(words: list[str]) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize='porter unicode61')")
        file.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, 'instance')")
        file.executemany("INSERT INTO t (rowid, x) VALUES (?, ?)", list(enumerate(words)))
        stems = dict(file.execute("SELECT doc, term FROM v").fetchall())
    return [stems[number] for number in range(len(words))]


def test_stems_are_those_of_the_keyword_index() -> None:
    words = [
        prefix + root + end for prefix in PARTS[0] for root in PARTS[1] for end in ["", *ENDINGS.split()]
    ]

    assert [stem(word) for word in words] == fts5_stems(words)


@given(st.lists(st.text("aeioubcdlmnrstyz", min_size=4, max_size=14), min_size=1, max_size=30))
def test_stems_of_made_up_words_are_those_of_the_keyword_index(words: list[str]) -> None:
    assert [stem(word) for word in words] == fts5_stems(words)


def test_other_scripts_numbers_and_short_words_stay_as_they_are() -> None:
    for word in ("接続", "ошибки", "0x80070005", "as", "a" * 70 + "ing"):
        assert stem(word) == word
