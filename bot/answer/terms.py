"""Terms: what of a question must be found, and how telling each part of it is. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from bot.domain import Candidate, Query
from bot.search.stem import stem
from bot.search.words import STOP_WORDS, Term, fold, phrases_of, terms_of, words_of

_ASKING = """
tell show find give explain describe list please know say says said need want get got many much long often
let us me anyone anybody someone somebody thing things something there here file files document documents
question answer according also just still ever mean means meaning called call does done get gets must may
might shall happens happen go goes come comes take takes kind sort exactly actually currently time too very
"""
ASKING = frozenset(stem(word) for word in _ASKING.split())
"""Words of asking, which no answer need repeat."""
SMALL_WORDS = 7
OWN = 1.4
"""What the asker said now counts, against what was carried over from earlier questions."""
NAMED = 2.5
"""What a name counts for that is in no file: an answer about somebody else is none."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a question, as stems, with their weights; these sum to 1 unless there are none."""

    weights: Mapping[Term, float]

    def found_in(self, text: str) -> frozenset[Term]:
        """Those of the terms that a text holds."""
        stems = stems_of(text)
        single, pairs = set(stems), set(pairwise(stems))
        return frozenset(term for term in self.weights if _holds(term, single, pairs))

    def share(self, terms: Iterable[Term]) -> float:
        """How much of the question these terms are, in 0..1."""
        return sum(self.weights[term] for term in terms)


def weigh(query: Query, candidates: Sequence[Candidate], own: str) -> Terms:
    """Weigh a question's terms by how few of the candidates (those found by words) hold them.

    BM25's inverse document frequency over the candidates. A word that none of them holds is in no file of
    the scope: it counts like one that a single passage holds, but a name (Tokyo, BUS-9999) more. What the
    asker said now, `own`, counts more than what was carried over from before.
    """
    terms = {tuple(stem(fold(word)) for word in term) for term in (*phrases_of(query), *terms_of(query.text))}
    telling = {term for term in terms if len(term) > 1 or term[0] not in ASKING} or terms
    whole = {part for term in telling if len(term) > 1 for part in term}
    chosen = {term for term in telling if len(term) > 1 or term[0] not in whole}
    unweighted = Terms(dict.fromkeys(chosen, 1.0))
    held = [unweighted.found_in(f"{one.heading}\n{one.text}") for one in candidates]
    said_now = unweighted.found_in(own)
    names = unweighted.found_in(" ".join(NAME.findall(own)))
    weights = {}
    for term in chosen:
        holding = sum(term in terms for terms in held)
        weights[term] = _rarity(max(holding, 1), len(held)) * (OWN if term in said_now else 1.0)
        if not holding and term in names:
            weights[term] *= NAMED
    total = sum(weights.values()) or 1.0
    return Terms({term: weight / total for term, weight in weights.items()})


NAME = regex.compile(r"(?<=\S\s+)\p{Lu}[\p{L}\p{N}_-]*|\b\p{L}[\p{L}_-]*\p{N}[\p{L}\p{N}_-]*")
"""A word with a capital letter that doesn't begin the question, or with letters and a digit in it."""


def stems_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [stem(fold(word)) for word in words_of(text)]


def in_english(text: str) -> bool:
    """Whether a text reads like English: one word in seven or more is one of its small words."""
    words = [fold(word) for word in words_of(text)]
    return sum(word in STOP_WORDS for word in words) * SMALL_WORDS >= len(words)


def telling_stems(text: str) -> frozenset[str]:
    """The stems of a text's words, without those that say nothing of its subject."""
    words = (fold(word) for word in words_of(text))
    return frozenset(stem(word) for word in words if word not in STOP_WORDS)


def _rarity(holding: int, of: int) -> float:
    return math.log(1 + max(of - holding + 0.5, 0.5) / (holding + 0.5))


def _holds(term: Term, single: set[str], pairs: set[tuple[str, str]]) -> bool:
    if len(term) == 1:
        return term[0] in single
    return all(pair in pairs for pair in pairwise(term))
