"""A query in FTS5's language, from words alone: whatever was typed can't become syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.domain import Query
from bot.search.forms import pieces_of, written_out
from bot.search.languages import COMMONEST, languages_of, stem_in
from bot.search.words import UNSPACED, Term, phrases_of, weighed_terms_of, words_of


@dataclass(frozen=True, slots=True)
class Expression:
    """What has to be there, each of it, and what counts where it is; as a string, what FTS5 is asked.

    Of a question in another language than English each word is looked for as it is written and, in
    the column of forms, by its stem.
    """

    required: tuple[str, ...]
    wanted: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.required or self.wanted)

    def __str__(self) -> str:
        return " AND ".join([*self.required, f"({' OR '.join([*self.required, *self.wanted])})"])


def expression_of(query: Query) -> Expression:
    """Any of the query's terms, all of its phrases."""
    return Expression(tuple(map(_quoted, phrases_of(query))), tuple(_alternatives(query.text)))


def _alternatives(text: str) -> Iterator[str]:
    languages = languages_of(words_of(text))
    terms = weighed_terms_of(text)
    common = frozenset[str]().union(*(COMMONEST.get(language, ()) for language in languages))
    telling = [term for term in terms if len(term) > 1 or term[0].lower() not in common]
    for term in telling or terms:
        if languages and len(term) == 1 and not UNSPACED.match(term[0]):
            yield "{title text} : " + _quoted(term)
            stems = (stem_in(language, term[0].lower()) for language in languages)
            yield from (f'forms : "{stem}"' for stem in dict.fromkeys(stems))
        else:
            yield _quoted(term)
        yield from map(_quoted, _otherwise(term))


def _otherwise(term: Term) -> Iterable[Term]:
    """A word written together or with umlauts, as it may be written elsewhere."""
    if len(term) > 1:
        return
    if pieces := pieces_of(term[0]):
        yield pieces
    if (plain := written_out(term[0])) != term[0]:
        yield (plain,)


def _quoted(term: Term) -> str:
    return '"' + " ".join(term) + '"'
