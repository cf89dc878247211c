"""Words: how text becomes words, and a query becomes terms. Pure; index and snippet agree through it.

Scripts that don't put spaces between words (Chinese, Japanese, Thai, …) are read one character at a
time, so that a name of two characters is found inside a sentence without a dictionary.
"""

from __future__ import annotations

import unicodedata

import regex

from bot.domain import Query

MAX_QUERY_CHARS = 2_000
MAX_TERMS = 64
MAX_WORDS_IN_TERM = 16
MAX_PHRASES = 8

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々〆"
_LETTER = rf"[[\p{{L}}\p{{N}}]--[{_UNSPACED}]]"
UNSPACED = regex.compile(rf"[{_UNSPACED}]\p{{M}}*")
WORD = regex.compile(rf"{UNSPACED.pattern}|{_LETTER}(?:{_LETTER}|\p{{M}})*", regex.V1)
_CLITIC = regex.compile(r"(?:n['\u2019]t|['\u2019](?:s|t|re|ll|ve|d|m))\b", regex.IGNORECASE)
_WHOLE = regex.compile(_LETTER, regex.V1)
_GRAPHEME = regex.compile(r"\X")
_SAME = ("'\u2018\u2019\u02bc", "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_TWINS = {sign: f"[{regex.escape(signs)}]" for signs in _SAME for sign in signs}

_STOP_WORDS = """
a about an and any are as at be been but by can could did do does for from had has have how i if in into is
it its me my no not of on or our should so such that the their then there these they this to was we were what
when where which who why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that say nothing of a document's subject: Lucene's list and the words of questions."""


Term = tuple[str, ...]
"""One thing to look for: a word, or several that must follow one another."""


def words_of(text: str) -> list[str]:
    """The words of a text in order, as they are written."""
    return WORD.findall(text)


def fold(word: str) -> str:
    """A word without case and accents, for comparison."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    return "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))


def terms_of(text: str) -> list[Term]:
    """What to look for, at most 64 terms, without stop words unless there is nothing else.

    A token with punctuation inside (`err-4711`, `/var/log/syslog`) gives itself as a sequence of
    words, and its words.
    """
    found: dict[Term, Term] = {}
    for token in _CLITIC.sub(" ", text[:MAX_QUERY_CHARS]).split():
        for term in _terms_in(words_of(token)):
            found.setdefault(tuple(map(fold, term)), term)
    telling = [term for key, term in found.items() if len(key) > 1 or key[0] not in STOP_WORDS]
    return (telling or list(found.values()))[:MAX_TERMS]


def phrases_of(query: Query) -> list[Term]:
    """The exact phrases that have words in them, as words."""
    phrases = (tuple(words_of(phrase[:MAX_QUERY_CHARS])) for phrase in query.phrases)
    return [phrase[:MAX_TERMS] for phrase in phrases if phrase][:MAX_PHRASES]


def spaced(text: str) -> str:
    """A text with each character of the scripts without spaces set apart, as the keyword index reads it."""
    return UNSPACED.sub(r" \g<0> ", text) if UNSPACED.search(text) else text


def exact_patterns(query: Query) -> list[regex.Pattern[str]]:
    """What a text has to match to hold all exact phrases; those without words, too."""
    phrases = (phrase[:MAX_QUERY_CHARS] for phrase in query.phrases if phrase.strip())
    return [exact_pattern(phrase) for phrase in phrases][:MAX_PHRASES]


def exact_pattern(phrase: str) -> regex.Pattern[str]:
    """Matches where a text holds a phrase as it was typed, no matter the case and the spaces.

    Dashes and apostrophes match theirs of other shapes. Words are matched whole; in scripts without
    spaces a line may break anywhere.
    """
    signs = _GRAPHEME.findall(" ".join(phrase.split()))
    pattern = ""
    for before, sign, after in zip(("", *signs), signs, (*signs[1:], ""), strict=False):
        neighbour = after if sign == " " else sign
        loose = UNSPACED.match(before) or UNSPACED.match(neighbour)
        if sign == " ":
            pattern += r"\s*" if loose else r"\s+"
        else:
            pattern += r"\s*" if loose and before.strip() else ""
            pattern += _TWINS.get(sign) or regex.escape(sign)
    start = r"(?<![\p{L}\p{N}])" if signs and _WHOLE.match(signs[0]) else ""
    end = r"(?![\p{L}\p{N}])" if signs and _WHOLE.match(signs[-1]) else ""
    return regex.compile(start + pattern + end, regex.IGNORECASE)


def _terms_in(words: list[str]) -> list[Term]:
    """The terms of one token: pairs of neighbours in scripts without spaces, else whole and parts."""
    unspaced = [UNSPACED.match(word) is not None for word in words]
    parts: list[Term] = [(word,) for word in words]
    if not any(unspaced):
        return [tuple(words[:MAX_WORDS_IN_TERM]), *parts] if len(words) > 1 else parts
    pairs = [(words[i], words[i + 1]) for i in range(len(words) - 1) if unspaced[i] and unspaced[i + 1]]
    paired = {word for pair in pairs for word in pair}
    return [*pairs, *(part for part in parts if part[0] not in paired)]
