from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryRejected
from bot.slack.parse import Help, Search, ShowStatus, parse_command, plain_text


def test_search_takes_everything_behind_the_word_as_the_question() -> None:
    command = parse_command("search  how do I fail over?")
    assert isinstance(command, Search)
    assert command.query.text == "how do I fail over?"


def test_the_command_word_is_understood_in_any_case() -> None:
    assert isinstance(parse_command("SEARCH x"), Search)
    assert parse_command(" Status ") == ShowStatus()


def test_an_unknown_word_asks_for_help_and_is_named() -> None:
    assert parse_command("frobnicate now") == Help(unknown="frobnicate")


def test_nothing_at_all_is_help() -> None:
    assert parse_command("") == Help()
    assert parse_command("help me") == Help()


def test_a_search_without_words_says_what_to_type() -> None:
    with pytest.raises(QueryRejected) as refused:
        parse_command("search   ")
    assert "/fm search" in refused.value.advice


def test_a_search_of_signs_only_is_refused_rather_than_run() -> None:
    with pytest.raises(QueryRejected):
        parse_command("search ??? !!!")


def test_an_endless_question_is_refused_with_its_length() -> None:
    with pytest.raises(QueryRejected, match="5,000"):
        parse_command("search " + "x" * 5_000)


def test_slacks_wire_form_is_read_as_the_person_typed_it() -> None:
    assert plain_text("a &lt;b&gt; &amp; c") == "a <b> & c"
    assert plain_text("in <#C0OPS0001|ops> by <@U1|alice>") == "in #ops by @alice"
    assert plain_text("see <https://example.com|the docs>") == "see the docs"


def test_a_private_channels_id_does_not_end_up_in_the_query() -> None:
    assert "C0PRIV001" not in plain_text("search in <#C0PRIV001|> failover")


def test_exact_phrases_are_taken_from_straight_and_curly_quotes() -> None:
    command = parse_command('search “read only” replica "fail  over"')
    assert isinstance(command, Search)
    assert command.query.phrases == ("read only", "fail over")
    assert command.query.text == "read only replica fail over"


@given(st.text(max_size=400))
def test_whatever_is_typed_is_a_command_or_a_clear_refusal(text: str) -> None:
    with suppress(QueryRejected):
        assert isinstance(parse_command(text), Search | ShowStatus | Help)
