from __future__ import annotations

import pytest

from bot.domain import Conditions, Mention, UserId
from bot.errors import QueryRejected
from bot.search.people import MAX_SHARERS, known_in, unknown_in

SHARERS: dict[UserId, tuple[str, ...]] = {
    UserId("U1"): ("asmith", "Ali", "Alice Smith"),
    UserId("U2"): ("ajones", "Alice Jones"),
    UserId("U3"): ("zoe", "Zoë Müller-Lüdenscheidt"),
    UserId("U4"): ("tanaka", "田中 太郎"),
    UserId("U5"): ("carol.king", "asmith"),
    UserId("U6"): (),
}


def asked(*people: Mention) -> Conditions:
    return Conditions(people=frozenset(people))


def refusal(name: str, sharers: dict[UserId, tuple[str, ...]] = SHARERS) -> QueryRejected:
    with pytest.raises(QueryRejected) as refused:
        known_in(asked(Mention(name=name)), sharers)
    return refused.value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("asmith", "U1"),
        ("ali", "U1"),
        ("alice smith", "U1"),
        ("smith", "U1"),
        ("alice.jones", "U2"),
        ("jones alice", "U2"),
        ("zoe", "U3"),
        ("zoë", "U3"),
        ("müller", "U3"),
        ("muller-lüdenscheidt", "U3"),
        ("田中", "U4"),
        ("carol", "U5"),
        ("carol.king", "U5"),
    ],
)
def test_a_person_is_known_by_any_name_whole_or_by_its_words(typed: str, meant: str) -> None:
    assert known_in(asked(Mention(name=typed)), SHARERS) == asked(Mention(meant, typed))


def test_who_is_known_by_an_id_or_is_the_asker_is_left_alone() -> None:
    people = asked(Mention("U9", "somebody"), Mention("U8"), Mention(name="me"))
    assert unknown_in(people) == []
    assert known_in(people, SHARERS) == people


def test_a_name_of_several_is_answered_with_their_names_and_how_to_ask() -> None:
    refused = refusal("alice")
    assert refused.public_message == "“alice” may be Alice Jones (@ajones) or Alice Smith (@asmith)"
    assert "`from:@ajones`" in refused.advice
    many = {UserId(f"U{n}"): (f"alice{n}", "Alice") for n in range(8)}
    assert refusal("alice", many).public_message.endswith("Alice (@alice4) or 3 others")


def test_nobodys_name_is_told_with_what_to_type_instead() -> None:
    refused = refusal("bob")
    assert refused.public_message == "Nobody called “bob” shared a file that you can see"
    assert "`from:me`" in refused.advice
    many = {UserId(f"U{n}"): (f"user{n}",) for n in range(MAX_SHARERS)}
    assert f"is among the {MAX_SHARERS} who last shared" in refusal("bob", many).public_message
    assert "`" not in refusal("a`b`").public_message
