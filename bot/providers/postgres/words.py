"""What Postgres' full text search is given of a chunk, and what it is asked. Pure.

The words are those of the embedded index: `search.words`, folded, as Porter stems. No text search
configuration of the server's takes part, so nothing depends on how it was set up.

`ts_rank` knows neither how rare a word is nor how long a text. But of one lexeme whose places all weigh 1
it is `(1 + 1/4 + … + 1/n²) / 1.64493406685`, which tells n. Of that BM25 is made. Places in the text are
given twice and those in the title three times, so that a title weighs 1.5 times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import LiteralString

from bot.search.forms import VERSION as FORMS_VERSION
from bot.search.forms import forms_of
from bot.search.stem import stem
from bot.search.words import fold, words_of

VERSION = f"1/{FORMS_VERSION}"
TITLE_TIMES, TEXT_TIMES, FORMS_TIMES = 3, 2, 2
HALVES = TEXT_TIMES
MAX_LEXEME_CHARS = 200
"""Postgres takes 2 KiB; a longer word is a key, and its beginning tells it."""
FORMS = "B"
"""The label of the places among the forms; they come last."""
TIMES: LiteralString = (
    "round(1 / (1.64493406685 * (1.0000001 - ts_rank({weights}, c.words, {lexeme}::tsquery))) - 0.5)"
)
"""The remainder of the sum is 1 / (n + ½) up to 4 in a hundred. 0 where there is none."""
EVERYWHERE, NOT_IN_FORMS = "{1,1,1,1}", "{1,0,0,1}"
"""Weights of the labels D, C, B and A."""


@lru_cache(maxsize=50_000)
def lexeme(word: str) -> str:
    """What a word is compared by."""
    return stem(fold(word))[:MAX_LEXEME_CHARS] or word[:MAX_LEXEME_CHARS]


def vector_of(workspace: int, title: str, heading: str, text: str) -> tuple[str, int]:
    """A `tsvector` as text, and how many words there are. A section's heading counts like the title."""
    above = f"{title}\n{heading}"
    title_words, text_words = words_of(above), words_of(text)
    forms = words_of(forms_of(f"{above}\n{text}"))
    places: dict[str, list[str]] = {}
    place = 1
    for words, label, times in (
        (title_words, "", TITLE_TIMES),
        (text_words, "", TEXT_TIMES),
        (forms, FORMS, FORMS_TIMES),
    ):
        for _ in range(times):
            for word in words:
                places.setdefault(lexeme(word), []).append(f"{place}{label}")
                place += 1
            place += 1  # nothing follows the last word
    vector = " ".join(f"{quoted(workspace, one)}:{','.join(where)}" for one, where in places.items())
    return vector, len(title_words) + len(text_words) + len(forms)


def quoted(workspace: int, one: str) -> str:
    """A lexeme of a workspace, as Postgres reads it in a `tsvector` or `tsquery`."""
    escaped = one.replace("\\", "\\\\").replace("'", "''")
    return f"'{workspace}.{escaped}'"


def following(workspace: int, words: Sequence[str]) -> str:
    """Words that follow one another, as a `tsquery`; of one word, that word."""
    return " <-> ".join(quoted(workspace, lexeme(word)) for word in words)
