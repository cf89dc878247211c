from __future__ import annotations

import ast

import pytest
from architecture.mutations import HISTORIES, MUTATIONS, Mutation
from architecture.rules import REPOSITORY


def named(mutation: Mutation) -> str:
    return mutation.check.replace(" ", "-")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=named)
def test_each_check_is_there_to_be_taken_away(mutation: Mutation) -> None:
    text = (REPOSITORY / mutation.path).read_text(encoding="utf-8")
    assert text.count(mutation.there) == 1, f"{mutation.path} has it {text.count(mutation.there)} times"
    ast.parse(text.replace(mutation.there, mutation.instead))


def test_the_tests_that_notice_are_there() -> None:
    for mutation in MUTATIONS:
        for path in mutation.seen_by:
            assert path == HISTORIES or (REPOSITORY / path).exists(), path


def test_no_check_is_named_twice() -> None:
    assert len({mutation.check for mutation in MUTATIONS}) == len(MUTATIONS)
