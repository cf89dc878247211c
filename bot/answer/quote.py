"""Quote: a passage → the stretch of whole sentences in it that answers best, word for word. Pure."""

from __future__ import annotations

import regex

from bot.answer.sentences import Span, sentences
from bot.answer.terms import Terms
from bot.search.words import Term

MAX_CHARS = 320
NUMBER = regex.compile(r"\p{N}")
COUNTING = regex.compile(
    r"\b(?:how (?:many|much|long|often|old|far|big|large)|when|what (?:time|date|year))\b", regex.I
)
NUMBER_BONUS = 0.15
"""For a stretch with a number in it, where the question is for one."""
LENGTH_COST = 0.12
"""Of a stretch as long as may be: a shorter one that says as much is better."""


def quote(text: str, wanted: Terms, context: frozenset[Term], question: str) -> tuple[Span, float]:
    """The span of the best stretch of sentences, at most about `MAX_CHARS` long, and its score.

    `context` are terms that the title or heading has already; they count little here. A sentence longer
    than that is a stretch of its own. `(0, 0)` for a text without words.
    """
    spans = sentences(text)
    counting = COUNTING.search(question) is not None
    best, best_score = (0, 0), -1.0
    for first, (start, _) in enumerate(spans):
        for _, end in spans[first:]:
            if end - start > MAX_CHARS and (start, end) != spans[first]:
                break
            score = _score(text[start:end], wanted, context, counting=counting)
            if score > best_score:
                best, best_score = (start, end), score
    return best, max(best_score, 0.0)


def _score(stretch: str, wanted: Terms, context: frozenset[Term], *, counting: bool) -> float:
    found = wanted.found_in(stretch)
    score = wanted.share(found - context) + 0.5 * wanted.share(found & context)
    if counting and NUMBER.search(stretch):
        score += NUMBER_BONUS
    return score - LENGTH_COST * min(len(stretch) / MAX_CHARS, 1.0)
