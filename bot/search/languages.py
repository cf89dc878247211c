"""Languages: which one a text is in, and the stem of a word of it. Pure.

English is what the keyword index assumes; these are the others. A text is in the language most of
whose commonest words it has. Stems are Snowball's (M. F. Porter's algorithms, as published).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import regex
import snowballstemmer

from bot.search.words import STOP_WORDS, UNSPACED, words_of

LOOKED_AT = 300
"""Words of a text; a chunk has fewer."""
CACHED_STEMS = 50_000
CYRILLIC = regex.compile(r"\p{Cyrillic}")
RUSSIAN = "russian"

_COMMONEST = {
    "german": """der die das den dem des und ist sind war wird werden wurde wurden nicht ein eine einer eines
        einem einen mit von zu zum zur zwischen auf für im sich auch als an bei beim wie was wer wo wann warum
        wieso weshalb wohin womit welche welcher welches welchem welchen hat haben kann können muss oder aus
        nach um durch über unter nur wenn dass wir ich sie es man mein meine unser ihre""",
    "french": """le la les un une des du de et est sont en dans que qui quoi quel quelle quels quelles pour
        par sur au aux avec pas ne ce cette ces son sa ses il elle ont être plus ou où mon ma mes je vous
        nous on comment pourquoi combien quand lorsque l d j m n s t c qu""",
    "spanish": """el la los las un una unos unas de del y o es son en que qué quién quiénes cuál cuáles cómo
        cuándo dónde cuánto cuántos cuántas por para con no se su sus al lo como más pero fue está hay cuando
        donde desde sin sobre entre mi nos""",
    "italian": """il lo la gli le i un una uno di del della dello dei delle degli e è in nel nella che chi per
        con non si come più sono ha cosa quando dove quale quali perché al alla dal dalla da su sul sulla mio
        quanto quanti l d dell all nell sull""",
    "portuguese": """o a os as um uma de do da dos das e é em no na nos nas que para por com não se ao à como
        mais mas foi são quem qual quais quando onde quanto quantos porque seu sua pelo pela entre sem""",
    "dutch": """de het een en van in is zijn dat op te voor met niet aan er die wordt worden werd door ook als
        naar bij uit over hoe wat waar wie welke wanneer waarom heeft kan deze dit tussen mijn wij je""",
}
COMMONEST = {language: frozenset(words.split()) for language, words in _COMMONEST.items()}
"""Words that say nothing of a subject, by language."""
_COMMON_IN = {
    word: tuple(language for language, words in COMMONEST.items() if word in words)
    for word in frozenset[str]().union(*COMMONEST.values())
}
_LETTERS = {
    "german": regex.compile("[äöüß]"),
    "french": regex.compile("[œçêîûë]"),
    "spanish": regex.compile("ñ"),
    "portuguese": regex.compile("[ãõ]"),
}
"""What a word of no other of these languages has; a question has few words, and perhaps only such."""


def languages_of(words: Sequence[str], least: int = 1) -> tuple[str, ...]:
    """The languages that the words may be of, English left out; none for English and where nothing tells.

    `least` is of how many of its commonest words a language must be.
    """
    lowered = [word.lower() for word in words[:LOOKED_AT]]
    other = [word for word in lowered if not word.isascii()]
    if 2 * sum(1 for word in other if CYRILLIC.match(word)) > len(lowered):
        return (RUSSIAN,)
    found = dict.fromkeys(COMMONEST, 0)
    for word in lowered:
        for language in _COMMON_IN.get(word, ()):
            found[language] += 1
    for language, letters in _LETTERS.items():
        found[language] += sum(1 for word in other if letters.search(word))
    most = max(found.values())
    if most < least or most <= sum(word in STOP_WORDS for word in lowered):
        return ()
    return tuple(language for language, number in found.items() if number == most)


def is_foreign(text: str) -> bool:
    """Whether a text is in another language than English, or in a script without spaces."""
    words = words_of(text)
    return 2 * sum(1 for word in words if UNSPACED.match(word)) > len(words) or bool(languages_of(words))


@lru_cache(maxsize=CACHED_STEMS)
def stem_in(language: str, word: str) -> str:
    """The stem of a word in lower case."""
    stem: str = _stemmer(language).stemWord(word)
    return stem


@cache
def _stemmer(language: str) -> Any:  # noqa: ANN401  # the library is untyped
    return snowballstemmer.stemmer(language)
