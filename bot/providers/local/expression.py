"""A query in FTS5's language, from words alone: whatever was typed can't become syntax."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Query
from bot.search.asked import Asked, asked_of
from bot.search.words import Term, fold, phrases_of

COLUMNS = {"anywhere": "", "as written": "{title text} : ", "forms": "forms : "}


@dataclass(frozen=True, slots=True)
class Expression:
    """What has to be there, each of it, and what counts where it is; as a string, what FTS5 is asked."""

    required: tuple[str, ...]
    wanted: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.required or self.wanted)

    def __str__(self) -> str:
        return " AND ".join([*self.required, f"({' OR '.join([*self.required, *self.wanted])})"])


def expression_of(query: Query) -> Expression:
    """Any of the query's terms, all of its phrases."""
    return Expression(tuple(map(_quoted, phrases_of(query))), tuple(map(_wanted, asked_of(query.text))))


def _wanted(asked: Asked) -> str:
    return COLUMNS[asked.where] + _quoted(asked.term)


def _quoted(term: Term) -> str:
    return '"' + " ".join(map(fold, term)) + '"'
