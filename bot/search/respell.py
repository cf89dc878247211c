"""Respell: a query whose words the scope doesn't have → one with the words that they may be meant for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.domain import Candidate, Query, Scope
from bot.errors import FaultMavenError
from bot.search.words import WORD

log = structlog.get_logger(__name__)


class Speller(Protocol):
    """Knows the words of what a scope can read; an index that keeps a list of its words."""

    async def spelled(self, scope: Scope, query: Query) -> dict[str, str]:
        """For words of a query that the scope doesn't have, as typed: what to look for instead.

        Depends on what the scope can read alone: what only others may read is neither proposed nor known.
        """
        ...


@dataclass(frozen=True, slots=True)
class Respelled:
    """The query to search for, and which of the typed words were replaced."""

    query: Query
    instead: Mapping[str, str] = field(default_factory=dict)

    def note(self, found: Sequence[Candidate]) -> str | None:
        """What people are told: only of words that a passage they may read has."""
        if not self.instead:
            return None
        there = "\n".join(f"{one.heading}\n{one.text}" for one in found).lower()
        told = [
            f"“{typed}” is nowhere in the files you can see; I searched for “{meant}”."
            for typed, meant in self.instead.items()
            if all(word in there for word in meant.lower().split())
        ]
        return " ".join(told) or None


async def respell(speller: Speller | None, scope: Scope, query: Query) -> Respelled:
    """Replace what is misspelt, but nothing in exact phrases. Never raises for the index."""
    if speller is None or not scope.channels:
        return Respelled(query)
    try:
        instead = await speller.spelled(scope, query)
    except FaultMavenError as error:
        log.warning("respelling_failed", workspace=scope.workspace, cause=type(error).__name__)
        return Respelled(query)
    text = WORD.sub(lambda found: instead.get(found.group(), found.group()), query.text)
    return Respelled(replace(query, text=text), instead)
