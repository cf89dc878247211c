"""What a question asks the keyword index for: each of its terms, and where a term counts. Pure.

Of a question in another language than English each word is looked for as it is written and, among the
forms, by its stem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from bot.search.forms import pieces_of, written_out
from bot.search.languages import COMMONEST, languages_of, stem_in
from bot.search.words import UNSPACED, Term, weighed_terms_of, words_of

Where = Literal["anywhere", "as written", "forms"]


class Asked(NamedTuple):
    """A term, and whether it counts anywhere, in title and text alone, or among the forms alone."""

    term: Term
    where: Where = "anywhere"


def asked_of(text: str) -> Iterator[Asked]:
    """The terms of a question; what counts more comes more than once."""
    languages = languages_of(words_of(text))
    terms = weighed_terms_of(text)
    common = frozenset[str]().union(*(COMMONEST.get(language, ()) for language in languages))
    telling = [term for term in terms if len(term) > 1 or term[0].lower() not in common]
    for term in telling or terms:
        if languages and len(term) == 1 and not UNSPACED.match(term[0]):
            yield Asked(term, "as written")
            stems = (stem_in(language, term[0].lower()) for language in languages)
            yield from (Asked((stem,), "forms") for stem in dict.fromkeys(stems))
        else:
            yield Asked(term)
        yield from map(Asked, _otherwise(term))


def _otherwise(term: Term) -> Iterable[Term]:
    """A word written together or with umlauts, as it may be written elsewhere."""
    if len(term) > 1:
        return
    if pieces := pieces_of(term[0]):
        yield pieces
    if (plain := written_out(term[0])) != term[0]:
        yield (plain,)
