"""Relevant: a ranking and its question → the part of it that may answer, and whether anything does. Pure.

Something is always nearest: without this, a question that nothing answers gets passages all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain import Candidate, DocumentId, Query
from bot.search.forms import forms_of, pieces_of
from bot.search.languages import is_foreign
from bot.search.stem import stem
from bot.search.words import UNSPACED, fold, terms_of, words_of

COVERED = 0.4
"""Of a question's words; a passage that has fewer, and isn't near, only shares some with it. Asked of four
collections, questions of five others were refused in 53 of 100 cases, their own in 0.2, none of them one
whose answer had been found."""
LOOKED_AT = 10
"""Passages by words: the first ones have most of them."""


def relevant(
    ranked: Sequence[Candidate], keyword: Sequence[Candidate], dense: Sequence[Candidate], floor: float
) -> list[Candidate]:
    """Those of `ranked` whose document has a word of the question, or is not far from it in meaning."""
    supported = {candidate.document_id for candidate in keyword}
    supported |= {candidate.document_id for candidate in dense if candidate.score >= floor}
    return [candidate for candidate in ranked if candidate.document_id in supported]


def is_answered(
    query: Query,
    keyword: Sequence[Candidate],
    dense: Sequence[Candidate],
    titles: Mapping[DocumentId, str],
    near: float,
) -> bool:
    """Whether any passage is near in meaning, or has enough of the question's words.

    Exact phrases were found or not; and in other languages than English the model's nearness says too
    little, as nothing does without a model.
    """
    nearest = max((candidate.score for candidate in dense), default=near)
    if nearest >= near or query.phrases or is_foreign(query.text):
        return True
    terms = _terms(query)
    return any(_covers(one, titles, terms) for one in keyword[:LOOKED_AT])


def _terms(query: Query) -> list[frozenset[str]]:
    """For each word of the question the stems by which it counts as there."""
    words = [term[0] for term in terms_of(query.text) if len(term) == 1 and not UNSPACED.match(term[0])]
    return [frozenset(_stems([word])) for word in words]


def _covers(candidate: Candidate, titles: Mapping[DocumentId, str], terms: Sequence[frozenset[str]]) -> bool:
    title = titles.get(candidate.document_id, "")
    text = f"{title}\n{candidate.heading}\n{candidate.text}"
    there = set(_stems([*words_of(text), *forms_of(text).split()]))
    return sum(not term.isdisjoint(there) for term in terms) >= COVERED * len(terms)


def _stems(words: Sequence[str]) -> list[str]:
    return [stem(fold(one)) for word in words for one in (word, *pieces_of(word))]
