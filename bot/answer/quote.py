"""Quote: a passage → the stretch of whole sentences in it that answers best, word for word. Pure."""

from __future__ import annotations

import regex

from bot.answer.cite import Source, Statement
from bot.answer.gather import Evidence, Gathered
from bot.answer.inert import inert
from bot.answer.sentences import Span, sentences
from bot.answer.terms import Terms
from bot.search.words import Term

QUOTES = 3
RANK_WEIGHT = 0.5
"""Of a passage's place in the ranking, against what its stretch says."""
MAX_CHARS = 320
SIGNS = regex.compile(r"^(?:[-*+•·#>|]+|\d{1,3}[.)])\s+")
"""Of a list, a heading or a quotation, where a stretch begins with one."""
NUMBER = regex.compile(r"\p{N}")
COUNTING = regex.compile(
    r"\b(?:how (?:many|much|long|often|old|far|big|large)|when|what (?:time|date|year))\b", regex.I
)
NUMBER_BONUS = 0.15
"""For a stretch with a number in it, where the question is for one."""
LENGTH_COST = 0.12
"""Of a stretch as long as may be: a shorter one that says as much is better."""


def quotes(gathered: Gathered, question: str) -> list[Statement]:
    """The best passages' best stretches, best first, as the answer where no model writes one."""
    scored = []
    for place, one in enumerate(gathered.evidence):
        context = gathered.terms.found_in(f"{one.document.title}\n{one.candidate.heading}")
        span, score = quote(one.candidate.text, gathered.terms, context, question)
        scored.append((score + RANK_WEIGHT * one.candidate.score, -place, one, span))
    scored.sort(key=lambda each: each[:2], reverse=True)
    return [_statement(one, span) for _, _, one, span in scored[:QUOTES]]


def _statement(evidence: Evidence, span: Span) -> Statement:
    words = SIGNS.sub("", " ".join(inert(evidence.candidate.text[slice(*span)]).split()))
    return Statement("\n", f"- {words}", (Source(evidence, span),))


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
