"""Documents as a Pinecone namespace holds them: words, vectors, filters, and changes that show late."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bot.search.stem import stem
from support.vendor_server import Json, require

Document = dict[str, Any]
Filter = dict[str, Any]
MAX_VALUES, MAX_PHRASE_TOKENS, MAX_TOKEN_CHARS = 10_000, 128, 40
COMPARISONS = {"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists"}
TEXT_MATCHES = {"$match_phrase", "$match_all", "$match_any"}
LUCENE = re.compile(r'(?P<field>\w+):\((?P<phrases>"[^"\\]+"(?: "[^"\\]+")*)\)')


def tokens_of(text: str) -> list[str]:
    """Split at whitespace and punctuation, lower case, English stems; scripts without spaces stay whole."""
    return [stem(token.lower()[:MAX_TOKEN_CHARS]) for token in re.findall(r"[^\W_]+", text)]


@dataclass
class Namespace:
    """A log of changes, of which reads see those that are `lag` reads old. Changes apply in their order."""

    lag: int = 0
    documents: dict[str, Document] = field(default_factory=dict)
    tokens: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    reads: int = 0
    late: list[tuple[int, Callable[[], None]]] = field(default_factory=list)

    def change(self, apply: Callable[[], None]) -> None:
        if self.lag:
            self.late.append((self.reads + self.lag, apply))
        else:
            apply()

    def read(self) -> None:
        self.reads += 1
        while self.late and self.late[0][0] <= self.reads:
            self.late.pop(0)[1]()

    def settle(self) -> None:
        while self.late:
            self.late.pop(0)[1]()

    def put(self, document: Document, full_text: set[str]) -> None:
        self.documents[document["_id"]] = document
        self.tokens[document["_id"]] = {
            name: tokens_of(document[name]) for name in full_text if name in document
        }

    def remove(self, document_id: str) -> None:
        self.documents.pop(document_id, None)
        self.tokens.pop(document_id, None)


class Matcher:
    """A filter, checked against the schema before it is used."""

    def __init__(self, namespace: Namespace, full_text: set[str], vectors: set[str], *, text: bool) -> None:
        self.namespace = namespace
        self.full_text = full_text
        self.vectors = vectors
        self.text = text

    def check(self, wanted: Json) -> None:
        require(isinstance(wanted, dict) and wanted, "'filter' must be a non-empty object")
        for name, value in wanted.items():
            if name in {"$and", "$or"}:
                require(isinstance(value, list) and value, f"{name} takes a non-empty list")
                for part in value:
                    self.check(part)
            elif name == "$not":
                self.check(value)
            else:
                require(not name.startswith("$"), f"unknown operator {name}")
                require(isinstance(value, dict) and value, "a predicate is an object of operators")
                for operator, operand in value.items():
                    self._check_operator(name, operator, operand)

    def _check_operator(self, name: str, operator: str, operand: Json) -> None:
        require(name not in self.vectors, f"{name} is a vector field")
        if name in self.full_text:
            require(operator in TEXT_MATCHES, f"{operator} is not for the data field {name}")
            require(self.text, "text-match operators are not supported here")
            require(isinstance(operand, str) and bool(operand.strip()), f"{operator} takes a string")
            require(len(tokens_of(operand)) <= MAX_PHRASE_TOKENS, "too many tokens")
            return
        require(operator in COMPARISONS, f"{operator} is not for the metadata field {name}")
        if operator in {"$in", "$nin"}:
            require(isinstance(operand, list) and operand, f"{operator} takes a list")
            require(len(operand) <= MAX_VALUES, f"{operator} takes at most {MAX_VALUES} values")
        elif operator in {"$gt", "$gte", "$lt", "$lte"}:
            require(_is_number(operand), f"{operator} takes a number")
        else:
            require(isinstance(operand, (str, bool, int, float)), f"{operator} takes a value")

    def holds(self, document: Document, wanted: Filter) -> bool:
        return all(self._one(document, name, value) for name, value in wanted.items())

    def _one(self, document: Document, name: str, value: Json) -> bool:
        if name == "$and":
            return all(self.holds(document, part) for part in value)
        if name == "$or":
            return any(self.holds(document, part) for part in value)
        if name == "$not":
            return not self.holds(document, value)
        if name in self.full_text:
            words = self.namespace.tokens[document["_id"]].get(name, [])
            return all(_matches(words, operator, operand) for operator, operand in value.items())
        return all(_compare(document.get(name), operator, operand) for operator, operand in value.items())


def _matches(words: list[str], operator: str, operand: str) -> bool:
    wanted = tokens_of(operand)
    if operator == "$match_phrase":
        return count_phrase(words, wanted) > 0
    found = [word in words for word in wanted]
    return all(found) if operator == "$match_all" else any(found)


def count_phrase(words: list[str], phrase: list[str]) -> int:
    if not phrase:
        return 0
    return sum(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))


def _compare(held: Json, operator: str, operand: Json) -> bool:
    values = held if isinstance(held, list) else [] if held is None else [held]
    if operator == "$exists":
        return bool(values) == operand
    if operator == "$eq":
        return operand in values
    if operator == "$ne":
        return operand not in values
    if operator == "$in":
        return any(value in operand for value in values)
    if operator == "$nin":
        return not any(value in operand for value in values)
    orders: dict[str, Callable[[Any, Any], bool]] = {
        "$gt": lambda a, b: a > b,
        "$gte": lambda a, b: a >= b,
        "$lt": lambda a, b: a < b,
        "$lte": lambda a, b: a <= b,
    }
    return any(_is_number(value) and orders[operator](value, operand) for value in values)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def by_text(namespace: Namespace, searches: dict[str, list[list[str]]]) -> dict[str, float]:
    """BM25 of documents for phrases (often of one word) in fields: any of them, scores added."""
    scores: Counter[str] = Counter()
    for name, phrases in searches.items():
        held = {key: fields[name] for key, fields in namespace.tokens.items() if name in fields}
        average = sum(map(len, held.values())) / max(len(held), 1) or 1.0
        for phrase in {tuple(phrase) for phrase in phrases if phrase}:
            counts = {key: count_phrase(words, list(phrase)) for key, words in held.items()}
            counts = {key: count for key, count in counts.items() if count}
            weight = math.log(1 + (len(held) - len(counts) + 0.5) / (len(counts) + 0.5))
            for key, count in counts.items():
                length = 0.25 + 0.75 * len(held[key]) / average
                scores[key] += weight * count * 2.2 / (count + 1.2 * length)
    return dict(scores)


def lucene(query: str, full_text: set[str]) -> dict[str, list[list[str]]]:
    """The part of Lucene's language that this double knows: `field:("a phrase" "another") OR field:(…)`."""
    searches: dict[str, list[list[str]]] = {}
    for part in query.split(" OR "):
        found = LUCENE.fullmatch(part)
        require(found is not None, f"syntax error in {part!r}")
        assert found is not None
        require(found["field"] in full_text, f"unknown field {found['field']}")
        phrases = [tokens_of(phrase) for phrase in re.findall(r'"([^"]+)"', found["phrases"])]
        searches.setdefault(found["field"], []).extend(phrases)
    return searches


def by_vector(namespace: Namespace, name: str, values: list[float]) -> dict[str, float]:
    """The cosine of every document."""
    wanted = np.array(values)
    wanted = wanted / (np.linalg.norm(wanted) or 1.0)
    scores = {}
    for key, document in namespace.documents.items():
        row = np.array(document[name])
        scores[key] = float(row @ wanted / np.linalg.norm(row))
    return scores
