"""A query and a scope in Pinecone's terms: how to score, and what may be scored at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from pinecone import DenseVectorQuery, QueryStringQuery, TextQuery

from bot.domain import Candidate, DocumentId, IndexedDocument, Query, Scope, scoped
from bot.ports import Vectors
from bot.providers.pinecone.records import (
    CHANNELS,
    DOCUMENT,
    GENERATION,
    ORDINAL,
    PUBLISHED,
    SPACE,
    searched,
    sendable,
)
from bot.providers.pinecone.schema import HEADING, TEXT, TITLE, VECTOR, WORDS
from bot.search.words import MAX_QUERY_CHARS, UNSPACED, Term, exact_patterns, fold, terms_of, words_of

Filter = dict[str, Any]
Clause = TextQuery | QueryStringQuery

MAX_VALUES = 10_000
"""That `$in` takes; a larger scope becomes several searches."""
MAX_QUERY_BYTES = 9_000
"""Pinecone takes 10 KB a clause."""
PLAIN = (TEXT, HEADING, TITLE)
SHOWN: Filter = {PUBLISHED: {"$eq": True}}
ALL: Filter = {GENERATION: {"$gte": 0}}
"""Pinecone takes no empty filter."""


def visible_to(scope: Scope) -> Iterator[Filter]:
    """What may be found, as one filter or, of a scope beyond Pinecone's limit, several."""
    among: list[Filter] = [SHOWN]
    scope = scoped(scope)
    if scope.documents is not None:
        among = [all_of(SHOWN, {DOCUMENT: {"$in": some}}) for some in _parts(scope.documents)]
    for channels in _parts(scope.channels):
        for shown in among:
            yield all_of(shown, {CHANNELS: {"$in": channels}})


def of_document(document_id: DocumentId, generation: int | None = None) -> Filter:
    """All records of a document, or of one of its generations."""
    wanted: Filter = {DOCUMENT: {"$eq": document_id}}
    return wanted if generation is None else all_of(wanted, {GENERATION: {"$eq": generation}})


def between(ordinals: range) -> Filter:
    """Those chunks of a document."""
    return all_of({ORDINAL: {"$gte": ordinals.start}}, {ORDINAL: {"$lt": ordinals.stop}})


def older(document_id: DocumentId, before: int) -> Filter:
    """All records of a document's generations before one."""
    return all_of(of_document(document_id), {GENERATION: {"$lt": before}})


def newer(document: IndexedDocument) -> Filter:
    """All records of later generations of a document."""
    return all_of(of_document(document.document_id), {GENERATION: {"$gt": document.generation}})


def by_meaning(vector: Vectors) -> DenseVectorQuery:
    """Score by cosine."""
    return DenseVectorQuery(field=VECTOR, values=vector.astype(float).tolist())


def in_space(space: str) -> Filter:
    """Vectors of another model are never compared, whoever wrote them."""
    return {SPACE: {"$eq": space}}


def by_words(query: Query, phrases: Sequence[Term]) -> list[Clause]:
    """Score by BM25 over any of the query's words; empty when it has none.

    Words go as they were typed, so that Pinecone splits them as it split the text, and once more
    without accents to the field `words`. What makes one token with punctuation inside, or a pair of
    neighbours where there are no spaces, scores as a sequence.
    """
    terms = list(dict.fromkeys([*terms_of(query.text), *((word,) for phrase in phrases for word in phrase)]))
    folded = dict.fromkeys(searched(word) for term in terms for word in term if not UNSPACED.match(word))
    wanted = {fold(word) for term in terms for word in term}
    typed = [*query.text[:MAX_QUERY_CHARS].split(), *(word for phrase in phrases for word in phrase)]
    tokens = {token.casefold(): token for token in typed if wanted.intersection(map(fold, words_of(token)))}
    clauses: list[Clause] = [
        TextQuery(query=sendable(" ".join(words)), fields=list(fields))
        for words, fields in ((_within(tokens.values()), PLAIN), (_within(folded), (WORDS,)))
        if words
    ]
    sequences = _sequences(terms)
    return [*clauses, QueryStringQuery(query=sequences)] if sequences else clauses


def holding(phrases: Sequence[Term]) -> list[Filter]:
    """Filters for records that may hold all phrases; Pinecone compares stems, so `hold` has to decide."""
    return [_phrase(phrase) for phrase in phrases]


def hold(found: Candidate, title: str, query: Query) -> bool:
    """Whether a record really holds all phrases, each in its text or in its title."""
    return all(p.search(title) or p.search(found.text) for p in exact_patterns(query))


def all_of(*filters: Filter) -> Filter:
    """Every one of these, without nesting."""
    parts = [part for one in filters for part in one.get("$and", [one])]
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _parts(values: Iterable[str]) -> list[list[str]]:
    """Values in as many lists as Pinecone's limit demands."""
    ordered = sorted(values)
    return [ordered[start : start + MAX_VALUES] for start in range(0, len(ordered), MAX_VALUES)]


def _phrase(phrase: Term) -> Filter:
    runs = [(key, list(words)) for key, words in groupby(phrase, key=lambda w: UNSPACED.match(w) is not None)]
    unspaced = [words for key, words in runs if key]
    # Beside a script without spaces Pinecone sees other tokens than we: the longest such run is sure.
    words, fields = (max(unspaced, key=len), (WORDS, TITLE)) if unspaced else (list(phrase), PLAIN)
    return {"$or": [{field: {"$match_phrase": sendable(" ".join(words))}} for field in fields]}


def _sequences(terms: Sequence[Term]) -> str:
    """In Lucene's language: tokens of several words, and neighbours where there are no spaces.

    All of them quoted, and made of letters and digits alone: whatever was typed can't become syntax.
    """
    apart = [_quoted(term) for term in terms if UNSPACED.match(term[0])]
    whole = [_quoted(term) for term in terms if len(term) > 1 and not UNSPACED.match(term[0])]
    groups = [(whole, field) for field in PLAIN] + [(apart, field) for field in (WORDS, TITLE)]
    shortened = [(_within(items, MAX_QUERY_BYTES // len(groups)), field) for items, field in groups]
    return " OR ".join(f"{field}:({' '.join(items)})" for items, field in shortened if items)


def _quoted(term: Term) -> str:
    return '"' + sendable(" ".join(term)) + '"'


def _within(items: Iterable[str], max_bytes: int = MAX_QUERY_BYTES) -> list[str]:
    kept, used = [], 0
    for item in items:
        used += len(item.encode("utf-8", "replace")) + 1
        if used > max_bytes:
            break
        kept.append(item)
    return kept
