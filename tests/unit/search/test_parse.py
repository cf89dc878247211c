from __future__ import annotations

from contextlib import suppress
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Conditions, Mention, Query
from bot.errors import QueryRejected
from bot.ingest.extract.kinds import BY_EXTENSION
from bot.search.kinds import endings_of, mimetypes_of, type_of
from bot.search.parse import legible, parse_query, read_query, typed

TODAY = date(2026, 11, 24)  # a Tuesday


def parsed(text: str) -> Query:
    return parse_query(text, TODAY)


def conditions(text: str) -> Conditions:
    return parsed(f"{text} disk").conditions


def refused(text: str) -> str:
    with pytest.raises(QueryRejected) as raised:
        parsed(text)
    assert "\n" not in raised.value.public_message + raised.value.advice
    return raised.value.public_message


def test_operators_words_and_phrases_are_told_apart() -> None:
    query = parsed('disk in:<#C0OPS0001|ops> type:pdf "read only" from:me before:2026-01-01 full')
    assert query == Query(
        "disk read only full",
        ("read only",),
        Conditions(
            channels=frozenset({Mention("C0OPS0001", "ops")}),
            people=frozenset({Mention(name="me")}),
            types=frozenset({"pdf"}),
            before=date(2026, 1, 1),
        ),
    )


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("<#C0OPS0001|ops>", Mention("C0OPS0001", "ops")),
        ("<#C0OPS0001>", Mention("C0OPS0001")),
        ("<#C0PRIV001|>", Mention("C0PRIV001")),
        ("#ops", Mention(name="ops")),
        ("Ops-2", Mention(name="ops-2")),
        ("#ops,", Mention(name="ops")),
        ("C0OPS0001", Mention("C0OPS0001")),
        ("#büro_münchen", Mention(name="büro_münchen")),
    ],
)
def test_a_channel_is_named_as_slack_or_a_person_writes_it(value: str, meant: Mention) -> None:
    assert conditions(f"in:{value}").channels == {meant}


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("<@U0ALICE01|Alice>", Mention("U0ALICE01", "alice")),
        ("U0ALICE01", Mention("U0ALICE01")),
        ("@me", Mention(name="me")),
        ("alice", Mention(name="alice")),
        ("@Alice,", Mention(name="alice")),
        ('"Alice  Smith"', Mention(name="alice smith")),
        ('"@Alice Jr."', Mention(name="alice jr")),
        ("Zoë", Mention(name="zoë")),
    ],
)
def test_a_person_is_named_as_slack_or_a_person_writes_it(value: str, meant: Mention) -> None:
    assert conditions(f"from:{value}").people == {meant}


def test_operators_are_read_in_the_width_of_a_japanese_keyboard() -> None:
    assert parsed("\uff49\uff4e\uff1a\uff03ops \u969c\u5bb3") == parsed("in:#ops \u969c\u5bb3")


def test_several_channels_are_any_of_them() -> None:
    assert conditions("in:#a IN:#b in:#a").channels == {Mention(name="a"), Mention(name="b")}


@pytest.mark.parametrize(
    ("words", "since", "before"),
    [
        ("before:2026-01-01", None, date(2026, 1, 1)),
        ("after:2026-01-01", date(2026, 1, 2), None),
        ("on:2026-01-01", date(2026, 1, 1), date(2026, 1, 2)),
        ("during:2026-03", date(2026, 3, 1), date(2026, 4, 1)),
        ("during:2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("during:2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("during:march", date(2026, 3, 1), date(2026, 4, 1)),
        ("during:Dec", date(2025, 12, 1), date(2026, 1, 1)),
        ("after:march", date(2026, 4, 1), None),
        ("before:2026-03", None, date(2026, 3, 1)),
        ("before:yesterday", None, date(2026, 11, 23)),
        ("on:today", date(2026, 11, 24), date(2026, 11, 25)),
        ("on:monday", date(2026, 11, 23), date(2026, 11, 24)),
        ("on:tuesday", date(2026, 11, 24), date(2026, 11, 25)),
        ("on:wed", date(2026, 11, 18), date(2026, 11, 19)),
        ("during:week", date(2026, 11, 23), date(2026, 11, 30)),
        ("during:month", date(2026, 11, 1), date(2026, 12, 1)),
        ("before:31.12.2025", None, date(2025, 12, 31)),
        ("before:2026/1/5", None, date(2026, 1, 5)),
        ("after:2026-01-01 after:2026-02-01", date(2026, 2, 2), None),
        ("before:2026-01-01 before:2026-02-01", None, date(2026, 1, 1)),
    ],
)
def test_days_are_meant_as_in_slacks_own_search(words: str, since: date | None, before: date | None) -> None:
    found = conditions(words)
    assert (found.since, found.before) == (since, before)


@pytest.mark.parametrize(
    ("text", "operator", "example"),
    [
        ("before:soon x", "before:", "2026-03-31"),
        ("before:2026-13-01 x", "before:", "yesterday"),
        ("after:3/31/2026 x", "after:", "2026-03-31"),
        ("during:never x", "during:", "march"),
        ("type:banana x", "type:", "type:pdf"),
        ("in:<@U0ALICE01> x", "in:", "in:#general"),
        ("from:<#C0OPS0001|ops> x", "from:", "from:me"),
        ("from:<alice> x", "from:", "from:me"),
        (f"from:{'a' * 81} x", "from:", "from:@alice"),
        ("after:2026-02-01 before:2026-01-01 x", "dates", ""),
        ('"a" "b" "c" "d" "e" "f" "g" "h" "i"', "8 exact phrases", ""),
        ("in:#a " * 33, "32 operators", ""),
    ],
)
def test_a_wrong_value_is_told_in_a_line_with_the_operator_and_an_example(
    text: str, operator: str, example: str
) -> None:
    said = refused(text)
    assert operator in said
    assert example in said


@pytest.mark.parametrize(
    "text",
    [
        "err:4711",
        "https://example.com/a:b",
        "foo:bar",
        "Content-Type:text/plain",
        "failed in: module",
        "from: alice",
        "12:30",
        "login:in:#ops",
        "(type:pdf",
    ],
)
def test_other_words_with_a_colon_are_words(text: str) -> None:
    assert parsed(text) == Query(text)


def test_an_operator_in_quotes_is_a_phrase() -> None:
    assert parsed('"type:banana split"') == Query("type:banana split", ("type:banana split",))


def test_only_operators_ask_for_files() -> None:
    assert parsed("type:pdf in:#ops") == Query("", (), conditions("type:pdf in:#ops"))
    assert parsed("type:pdf ???").text == ""


def test_a_long_phrase_and_one_across_lines_are_exact() -> None:
    long = " ".join(["word"] * 60)
    assert parsed(f'"{long}"').phrases == (long,)
    assert parsed('"read\n only"').phrases == ("read only",)


@pytest.mark.parametrize(
    ("word", "endings", "mimetypes"),
    [
        ("pdf", {"pdf"}, {"application/pdf"}),
        ("Word", {"doc", "docx"}, {"application/msword"}),
        ("slides", {"pptx", "odp", "key"}, {"application/vnd.ms-powerpoint"}),
        ("sheets", {"xlsx", "csv", "ods"}, {"text/csv"}),
        ("excel", {"xlsx", "xls"}, set()),
        (".docx", {"docx"}, set()),
        ("py", {"py"}, set()),
        ("images", {"png", "jpg"}, {"image/png"}),
        ("mails", {"eml", "msg"}, {"message/rfc822"}),
    ],
)
def test_a_type_is_what_people_call_it(word: str, endings: set[str], mimetypes: set[str]) -> None:
    found = type_of(word)
    assert found is not None
    assert endings <= endings_of([found])
    assert mimetypes <= mimetypes_of([found])


def test_every_ending_that_is_read_is_a_type_and_belongs_to_one() -> None:
    assert [ending for ending in BY_EXTENSION if type_of(ending) is None] == []


def test_a_query_is_shown_with_names_instead_of_ids_where_there_are_any() -> None:
    assert legible("in:<#C1|ops> in:<#C2> from:<@U1|bob> disk <x>") == "in:#ops in:#C2 from:@bob disk <x>"


OPERATORS = st.sampled_from(
    [
        "in:#ops", "in:<#C0OPS0001|ops>", "in:<#C0PRIV001|>", "from:me", "from:<@U0ALICE01|alice>",
        "from:bob", 'from:"Bob Smith"',
        "type:pdf", "type:word", "before:2026-05-01", "after:2026-01-01", "during:2026", "before:june",
    ]
)  # fmt: skip  # a table
WORDS = st.sampled_from(["disk", "full", '"read only"', '"disk"', "err:4711", "a:b", "https://x/y", "is"])


@given(st.lists(OPERATORS, max_size=6), st.lists(WORDS, min_size=1, max_size=5), st.randoms())
def test_in_whatever_order_operators_come_the_query_is_the_same(
    operators: list[str], words: list[str], rng: Random
) -> None:
    apart = parsed(" ".join([*operators, *words]))
    mixed = list(words)
    rng.shuffle(operators)
    for operator in operators:
        mixed.insert(rng.randint(0, len(mixed)), operator)
    assert parsed(" ".join(mixed)) == apart


PIECES = st.sampled_from(
    [
        "in:",
        "from:",
        "@",
        ",",
        "type:",
        "before:",
        "on:",
        '"',
        "<#C1|x>",
        "<@U1>",
        "pdf",
        "2026-01-01",
        " ",
        "me",
        ":",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=20).map("".join)))
def test_whatever_is_typed_is_a_query_or_a_clear_refusal_and_reads_the_same_again(text: str) -> None:
    with suppress(QueryRejected):
        query = parsed(text)
        assert query.text or query.conditions
        assert read_query(typed(query), TODAY) == query


@given(st.lists(st.one_of(OPERATORS, WORDS), min_size=1, max_size=8).map(" ".join))
def test_a_query_is_written_as_it_can_be_read_again(text: str) -> None:
    assert read_query(typed(parsed(text)), TODAY) == parsed(text)
