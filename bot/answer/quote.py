"""Quote: passages → the stretches of whole sentences in them that answer best, word for word. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from bot.answer.cite import Source, Statement
from bot.answer.gather import Evidence, Gathered
from bot.answer.inert import inert
from bot.answer.sentences import Span, headed, sentences
from bot.answer.terms import Terms
from bot.search.words import Term

QUOTES = 3
OF_BEST = 0.7
"""A quote that says less of the question than this part of what the best one says is left out."""
SAID = 0.45
"""Of the question's telling words, so much must stand in a stretch, its heading and its title."""
RANK_WEIGHT = 0.3
"""Of a passage's place in the ranking, against what its stretch says."""
MAX_CHARS = 320
CONTEXT, REPEATED = 0.6, 0.1
"""Of a term that stands in the title or heading, and for saying it again below: the stretch itself has to
say the rest."""
NUMBER_BONUS = 0.15
"""For a stretch with a number in it, where the question is for one."""
LENGTH_COST = 0.12
"""Of a stretch as long as may be: a shorter one that says as much is better."""
SIGNS = regex.compile(r"^(?:(?:[-*+•·#>|]+|\d{1,3}[.)])\s+)+")
"""Of a list, a heading or a quotation, where a stretch begins with one."""
NUMBER = regex.compile(
    r"\p{N}|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|half|twice|once|daily|weekly)\b", regex.I
)
COUNTING = regex.compile(
    r"\b(?:how (?:many|much|long|often|old|far|fast|soon|quickly|big|large)|when|until|within"
    r"|what (?:time|date|year))\b",
    regex.IGNORECASE,
)


class Stretch(NamedTuple):
    """Where, how well it answers, and how much of the question it says."""

    span: Span
    score: float
    share: float = 0.0


def quotes(gathered: Gathered, question: str) -> list[Statement]:
    """The best passages' best stretches, best first, as the answer where no model writes one.

    None where no stretch says enough of the question by itself.
    """
    scored = []
    for place, one in enumerate(gathered.evidence):
        title = gathered.terms.found_in(f"{one.document.title}\n{one.candidate.heading}")
        found = stretch(one.candidate.text, gathered.terms, question, title)
        if found.share >= SAID:
            scored.append((found.score + RANK_WEIGHT * one.candidate.score, -place, one, found.span))
    scored.sort(key=lambda each: each[:2], reverse=True)
    told: dict[str, Statement] = {}
    for score, _, one, span in scored:
        if score >= OF_BEST * scored[0][0] and len(told) < QUOTES:
            statement = _statement(one, _widened(one.candidate.text, span))
            told.setdefault(statement.text, statement)
    return list(told.values())


def stretch(text: str, terms: Terms, question: str, title: frozenset[Term] = frozenset()) -> Stretch:
    """The best stretch of sentences under one heading, at most about `MAX_CHARS` long.

    `title` are terms that are known to be the subject. A sentence longer than that is a stretch of its own.
    """
    counting = COUNTING.search(question) is not None
    best = Stretch((0, 0), -1.0)
    for heading, spans in headed(text):
        context = title | terms.found_in(heading)
        for span in _stretches(spans):
            found = _judged(text, span, terms, context, counting=counting)
            best = max(best, found, key=lambda one: one.score)
    return best


def _stretches(spans: list[Span]) -> Iterator[Span]:
    for first, (start, stop) in enumerate(spans):
        yield start, stop
        for _, end in spans[first + 1 :]:
            if end - start > MAX_CHARS:
                break
            yield start, end


def _judged(text: str, span: Span, terms: Terms, context: frozenset[Term], *, counting: bool) -> Stretch:
    words = text[slice(*span)]
    found = terms.found_in(words)
    score = (
        terms.share(found - context)
        + CONTEXT * terms.share(context)
        + REPEATED * terms.share(found & context)
    )
    if counting and NUMBER.search(words):
        score += NUMBER_BONUS
    return Stretch(span, score - LENGTH_COST * min(len(words) / MAX_CHARS, 1.0), terms.share(found | context))


def _widened(text: str, span: Span) -> Span:
    """With the sentences around it under the same heading, as far as there is room: first those after it."""
    spans = next((spans for _, spans in headed(text) if spans[0][0] <= span[0] < spans[-1][1]), [span])
    start, end = span
    for _, stop in spans:
        if end < stop <= start + MAX_CHARS:
            end = stop
    for begin, _ in reversed(spans):
        if end - MAX_CHARS <= begin < start:
            start = begin
    return start, end


def _statement(evidence: Evidence, span: Span) -> Statement:
    """A list item; what are lines of their own in the file are here, too."""
    text, last, said = evidence.candidate.text, span[0], ""
    for start, end in sentences(text[: span[1]]):
        if start >= span[0]:
            words = " ".join(inert(text[start:end]).split())
            if said:
                said += "\n  " if "\n" in text[last:start] and SIGNS.match(words) else " "
            said += words if said else SIGNS.sub("", words)
            last = end
    return Statement("\n", f"- {said}", (Source(evidence, span),))
