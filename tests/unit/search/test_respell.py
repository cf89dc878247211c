from __future__ import annotations

import pytest

from bot.domain import Candidate, ChannelId, DocumentId, Query, Scope, WorkspaceId
from bot.errors import ProviderUnavailable
from bot.search.respell import Respelled, respell

SCOPE = Scope(WorkspaceId("T1"), frozenset({ChannelId("C1")}))


class Knows:
    """A speller that always says the same; `failure` is raised instead."""

    def __init__(self, instead: dict[str, str], failure: Exception | None = None) -> None:
        self.instead = instead
        self.failure = failure
        self.asked = 0

    async def spelled(self, scope: Scope, query: Query) -> dict[str, str]:
        del scope, query
        self.asked += 1
        if self.failure:
            raise self.failure
        return self.instead


def passage(text: str) -> Candidate:
    return Candidate(DocumentId("d1"), 1, 0, 1, text, 1.0)


async def test_misspelt_words_are_replaced_where_they_stand() -> None:
    found = await respell(
        Knows({"databse": "database"}), SCOPE, Query("Why, databse? databse2 failed", ("x",))
    )

    assert found.query == Query("Why, database? databse2 failed", ("x",))


async def test_people_are_told_what_was_searched_for() -> None:
    found = await respell(
        Knows({"Databse": "database", "loadbalancer": "load balancer"}), SCOPE, Query("Databse")
    )

    assert found.note([passage("The DATABASE"), passage("a balancer of load")]) == (
        "“Databse” is nowhere in the files you can see; I searched for “database”. "
        "“loadbalancer” is nowhere in the files you can see; I searched for “load balancer”."
    )


async def test_nothing_is_told_of_a_word_that_no_passage_they_may_read_has() -> None:
    found = await respell(Knows({"databse": "database"}), SCOPE, Query("databse"))

    assert found.note([passage("a disk")]) is None
    assert found.note([]) is None


async def test_without_a_speller_or_a_scope_the_query_stays_as_it_is() -> None:
    query, knows = Query("databse"), Knows({"databse": "database"})

    assert await respell(None, SCOPE, query) == Respelled(query)
    assert await respell(knows, Scope(WorkspaceId("T1"), frozenset()), query) == Respelled(query)
    assert knows.asked == 0


async def test_a_speller_that_fails_is_no_reason_to_fail() -> None:
    query = Query("databse")

    assert await respell(Knows({}, ProviderUnavailable("busy")), SCOPE, query) == Respelled(query)


async def test_a_bug_in_the_speller_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        await respell(Knows({}, KeyError("bug")), SCOPE, Query("databse"))
