"""Dialogues: what was asked before, what is asked now, and what is searched for."""

from __future__ import annotations

import pytest
from support.answers import saying

from bot.answer.converse import standalone, whole
from bot.domain import Exchange
from bot.errors import ProviderUnavailable
from bot.search.parse import MAX_QUERY_CHARS


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        ([], "and billing?", "and billing?"),
        (["Who owns payments-api?"], "and billing?", "and billing? owns payments-api"),
        (["How do I fail over the database?"], "How long does it take?",
         "How long does it take? fail over database"),
        (["Who owns payments-api?"], "Who leads recommendations?", "Who leads recommendations?"),
        (["What caused the outage?"], "Who wrote the report?", "Who wrote the report? caused outage"),
        (["What is the hotel limit in Paris?"], "why?", "why? hotel limit Paris"),
        (
            ["How do I fail over the database?", "How long does it take?"],
            "Who may do that?",
            "Who may do that? fail over database",
        ),
        (
            ["Who owns payments-api?"],
            "What is the refund policy for annual plans?",
            "What is the refund policy for annual plans?",
        ),
        (["Who owns payments-api?", "What is the refund policy for annual plans?"], "and for monthly ones?",
         "and for monthly ones? refund policy annual plans"),
        (["Who owns payments-api?"], "Who owns the payments-api of it?", "Who owns the payments-api of it?"),
        (["hello"] * 50 + ["What is ENOSPC?"], "how do I fix it?", "how do I fix it? ENOSPC"),
    ],
)  # fmt: skip  # a table
def test_a_follow_up_carries_its_subject_and_a_new_question_does_not(
    before: list[str], question: str, searched: str
) -> None:
    assert whole(question, before) == searched


def test_a_question_never_grows_beyond_what_can_be_searched() -> None:
    question = "and " + "x" * (MAX_QUERY_CHARS - 10)
    assert len(whole(question, ["word " * 100 + "a" * 900])) <= MAX_QUERY_CHARS


async def test_a_model_rewrites_what_leans_on_what_was_said() -> None:
    chat = saying('"How long does ', 'a failover take?"')
    history = [Exchange("How do I fail over the database?")]
    assert await standalone("How long does it take?", history, chat) == "How long does a failover take?"


async def test_a_model_is_not_asked_about_a_question_that_stands_alone() -> None:
    chat = saying("something else")
    history = [Exchange("Who owns payments-api?")]
    question = "What is the refund policy for annual plans?"

    assert await standalone(question, history, chat) == question
    assert chat.prompts == []


@pytest.mark.parametrize(
    "events", [[ProviderUnavailable("down")], [""], ["x" * 500], ["the weather in Lisbon"], ["<!channel>"]]
)
async def test_what_a_model_makes_of_it_has_to_be_about_the_same(events: list) -> None:
    history = [Exchange("How do I fail over the database?")]
    expected = "How long does it take? fail over database"
    assert await standalone("How long does it take?", history, saying(*events)) == expected
