"""Forms: under which other words a text is found than the ones it is written with. Pure.

The keyword index reads words between spaces and punctuation and takes them for English. Here is what
that misses: the pieces of `camelCase` and `err4711`, umlauts written out, and the stems of other
languages. A text's forms are a column of their own, so that phrases and the words themselves stay.
"""

from __future__ import annotations

from importlib.metadata import version

import regex

from bot.search.languages import languages_of, stem_in
from bot.search.words import UNSPACED, words_of

VERSION = f"3/{version('snowballstemmer')}"
"""Of what `forms_of` and `words` give for a text. The index holds it, and is written anew when it differs."""
MOST_PIECES = 6
"""Of one word: beyond that it is a key or a hash, which has no pieces that mean anything."""
LEAST_COMMON = 3
"""Words that tell a text's language, and a tenth of all: one or two are in any table or log."""
LEAST_LETTERS = 3
"""Of the longest piece: `v2` and `k8s` stay whole."""

_PIECE = regex.compile(r"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+")
_MIXED = regex.compile(r"\p{Ll}\p{Lu}|\p{L}\p{N}|\p{N}\p{L}|\p{Lu}\p{Lu}\p{Ll}")
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def pieces_of(word: str) -> tuple[str, ...]:
    """The parts of a word that is several written together, in order; else nothing."""
    if not _MIXED.search(word):
        return ()
    pieces = tuple(_PIECE.findall(word))
    telling = 1 < len(pieces) <= MOST_PIECES and max(map(len, pieces)) >= LEAST_LETTERS
    return pieces if telling else ()


def written_out(word: str) -> str:
    """A word with its umlauts as two letters. Its ß is ss wherever words are compared."""
    return word.translate(_WRITTEN_OUT)


def forms_of(text: str) -> str:
    """What a text is found by besides its own words, with spaces between."""
    words = [word for word in words_of(text) if word.isascii() or not UNSPACED.match(word)]
    found: list[str] = []
    for word in words:
        if not (word.isascii() and word.isalpha() and word[1:].islower()):  # most words have neither
            found += pieces_of(word)
            if (plain := written_out(word)) != word:
                found.append(plain)
    for language in languages_of(words, max(LEAST_COMMON, len(words) // 10))[:1]:
        found += [stem_in(language, word.lower()) for word in words]
    return " ".join(found)
