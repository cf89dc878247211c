"""Words: how text becomes words, and a query becomes terms. Pure; index and snippet agree through it.

Scripts that don't put spaces between words (Chinese, Japanese, Thai, …) are read one character at a
time, so that a name of two characters is found inside a sentence without a dictionary.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import regex

from bot.domain import Query

MAX_QUERY_CHARS = 2_000
MAX_TERMS = 64
MAX_WORDS_IN_TERM = 16
MAX_PHRASES = 8
LONG_QUESTION = 12
"""Different terms; below that a repeated word is chance."""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々〆"
_LETTER = rf"[[\p{{L}}\p{{N}}]--[{_UNSPACED}]]"
UNSPACED = regex.compile(rf"[{_UNSPACED}]\p{{M}}*")
WORD = regex.compile(rf"{UNSPACED.pattern}|{_LETTER}(?:{_LETTER}|\p{{M}})*", regex.V1)
_CLITIC = regex.compile(r"(?:n['\u2019]t|['\u2019](?:s|t|re|ll|ve|d|m))\b", regex.IGNORECASE)
_IDENTIFIER = regex.compile(
    r"\p{N}|[\p{L}\p{N}][_/\\\\@:.]+[\p{L}\p{N}]|[^\p{P}]['\u2019-]*\p{Lu}|(?<![\p{L}\p{N}])[\p{L}]-|-[\p{L}](?![\p{L}\p{N}])"
)
"""What tells a name made of words (`T-cell`, `a.out`) from words joined by a hyphen (`heat-transfer`)."""
_WHOLE = regex.compile(_LETTER, regex.V1)
_INVISIBLE = regex.compile("[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphens, spaces of no width: inside words that were copied from a page."""
_OTHER_FORMS = regex.compile("[\uff01-\uff5e\uff61-\uff9f]+|[\ufb00-\ufb06]")
"""Letters in the full and half width of Japanese keyboards, and the ligatures of typesetting (`ﬁ`)."""
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


def normal(text: str) -> str:
    """A text with each letter in its usual form and composed, without what is invisible in words."""
    if text.isascii():
        return text
    usual = _OTHER_FORMS.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", usual))


def words_of(text: str) -> list[str]:
    """The words of a text in order, as they are written but in their usual form, as the index has them."""
    return WORD.findall(normal(text))


def fold(word: str) -> str:
    """A word without case and accents, for comparison."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    bare = (c for c in unicodedata.normalize("NFD", folded) if not _is_accent(unicodedata.combining(c)))
    return unicodedata.normalize("NFC", "".join(bare))


def folded(text: str) -> str:
    """A text each of whose words is folded."""
    return text if text.isascii() else WORD.sub(lambda found: fold(found.group()), normal(text))


def terms_of(text: str) -> list[Term]:
    """What to look for, each once, at most 64 terms; no stop words unless there is nothing else.

    An identifier (`err-4711`, `/var/log/syslog`) gives itself as a sequence of words, and its words.
    """
    once: dict[Term, Term] = {}
    for key, term in _telling(text):
        once.setdefault(key, term)
    return list(once.values())[:MAX_TERMS]


def weighed_terms_of(text: str) -> list[Term]:
    """The terms, in a long question as often as it has them: what it repeats is its subject."""
    telling, once = _telling(text), terms_of(text)
    return [term for _, term in telling][:MAX_TERMS] if len(once) >= LONG_QUESTION else once


def phrases_of(query: Query) -> list[Term]:
    """The exact phrases that have words in them, as words."""
    phrases = (tuple(words_of(phrase[:MAX_QUERY_CHARS])) for phrase in query.phrases)
    return [phrase[:MAX_TERMS] for phrase in phrases if phrase][:MAX_PHRASES]


def spaced(text: str) -> str:
    """A text as the keyword index reads it: scripts without spaces one character at a time."""
    usual = normal(text)
    return UNSPACED.sub(r" \g<0> ", usual) if UNSPACED.search(usual) else usual


class Exactly(NamedTuple):
    """What a text has to hold."""

    pattern: regex.Pattern[str]

    def search(self, text: str) -> bool:
        """Whether it does."""
        return self.pattern.search(normal(text)) is not None


def exact_patterns(query: Query) -> list[Exactly]:
    """What a text has to match to hold all exact phrases; those without words, too."""
    phrases = (phrase[:MAX_QUERY_CHARS] for phrase in query.phrases if phrase.strip())
    return [exact_pattern(phrase) for phrase in phrases][:MAX_PHRASES]


def exact_pattern(phrase: str) -> Exactly:
    """That a text holds a phrase as it was typed, no matter the case and the spaces.

    Dashes and apostrophes match theirs of other shapes. Words are matched whole; in scripts without
    spaces a line may break anywhere.
    """
    signs = _GRAPHEME.findall(" ".join(normal(phrase).split()))
    pattern = ""
    for before, sign, after in zip(("", *signs), signs, (*signs[1:], ""), strict=False):
        neighbour = after if sign == " " else sign
        loose = UNSPACED.match(before) or UNSPACED.match(neighbour)
        if sign == " ":
            pattern += r"\s*" if loose else r"\s+"
        else:
            pattern += r"\s*" if loose and before.strip() else ""
            pattern += _TWINS.get(sign) or regex.escape(sign)
    start = f"(?<!{_LETTER})" if signs and _WHOLE.match(signs[0]) else ""
    end = f"(?!{_LETTER})" if signs and _WHOLE.match(signs[-1]) else ""
    return Exactly(regex.compile(start + pattern + end, regex.IGNORECASE | regex.FULLCASE | regex.V1))


def _telling(text: str) -> list[tuple[Term, Term]]:
    """The terms in order, each after what makes it the same as another."""
    found: list[tuple[Term, Term]] = []
    for token in _CLITIC.sub(" ", normal(text[:MAX_QUERY_CHARS])).split():
        found += [(tuple(map(fold, term)), term) for term in _terms_in(token)]
    return [pair for pair in found if len(pair[0]) > 1 or pair[0][0] not in STOP_WORDS] or found


def _terms_in(token: str) -> list[Term]:
    """The terms of one token: pairs of neighbours in scripts without spaces, else whole and parts."""
    words = words_of(token)
    unspaced = [UNSPACED.match(word) is not None for word in words]
    parts: list[Term] = [(word,) for word in words]
    if not any(unspaced):
        whole = len(words) > 1 and _IDENTIFIER.search(token)
        return [tuple(words[:MAX_WORDS_IN_TERM]), *parts] if whole else parts
    pairs = [(words[i], words[i + 1]) for i in range(len(words) - 1) if unspaced[i] and unspaced[i + 1]]
    paired = {word for pair in pairs for word in pair}
    return [*pairs, *(part for part in parts if part[0] not in paired)]


def _is_accent(combining: int) -> bool:
    """By Unicode's combining class: of Latin, Greek and Cyrillic, Hebrew points, Arabic vowels.

    No voicing of kana and no vowel of Thai or Hindi, which make another word.
    """
    return combining >= 200 or 10 <= combining <= 36  # noqa: PLR2004  # the classes' own numbers
