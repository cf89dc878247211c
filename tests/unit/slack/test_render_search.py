from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import (
    ChannelId,
    Conditions,
    DocumentId,
    Mention,
    Message,
    Passage,
    Query,
    Readable,
    SearchResult,
    UserId,
)
from bot.playground.blocks import check_blocks
from bot.playground.modals import check_modal
from bot.search.context import Context
from bot.slack.render_buttons import (
    Reference,
    comment_view,
    read_reference,
    said_view,
    source_buttons,
    thanks,
)
from bot.slack.render_context import passage_in_context, shared_passage
from bot.slack.render_search import search_result

HOSTILE = "<!channel> <@U0ALICE01> *b* <https://evil.example|here> &\x00\n" * 3
SEARCH = "0123456789abcdef" * 2
OPS = ChannelId("C0OPS0001")


def message(channel: str = OPS) -> Message:
    return Message(ChannelId(channel), "1786000001.000100", None, UserId("U1"))


def passage(text: str = "the primary fails over", title: str = "Runbook") -> Passage:
    return Passage(DocumentId("d1"), title, 3, text, ((0, 1),), 1.0, message(), "https://a.example/p1")


def document(title: str = "Runbook") -> Readable:
    return Readable(DocumentId("d1"), 1, title, message(), "https://a.example/p1")


def result(*passages: Passage, **changes: Any) -> SearchResult:  # noqa: ANN401  # any field
    found = SearchResult(Query("fail over"), passages, 2, 3.0, id=SEARCH)
    return replace(found, **changes)


def pressable(content: dict[str, Any]) -> list[tuple[str, str]]:
    elements = [e for block in content["blocks"] for e in block.get("elements", []) if "action_id" in e]
    return [(e["action_id"], e.get("value", "")) for e in elements]


def test_each_passage_has_buttons_with_the_search_and_its_rank() -> None:
    found = result(passage(), passage(), more=True)
    assert pressable(search_result(found, channel=OPS)) == [
        ("fm_context", f"{SEARCH}:1"),
        ("fm_share", f"{SEARCH}:1"),
        ("fm_context", f"{SEARCH}:2"),
        ("fm_share", f"{SEARCH}:2"),
        ("fm_more", f"{SEARCH}:2"),
        ("fm_helped", f"{SEARCH}:1"),
        ("fm_helped_not", f"{SEARCH}:-1"),
    ]


def test_further_results_go_on_counting() -> None:
    content = search_result(result(passage(), first=6))
    assert content["blocks"][0]["text"]["text"] == "Passages 6 to 6 for “fail over”"
    assert ("fm_context", f"{SEARCH}:6") in pressable(content)
    assert "[6] Runbook p. 3" in content["text"]


def test_in_a_direct_message_nothing_is_shared_to_a_channel() -> None:
    assert "fm_share" not in dict(pressable(search_result(result(passage()), channel=ChannelId("D1"))))


def test_what_was_not_noted_has_no_buttons() -> None:
    assert pressable(search_result(result(passage(), id=None), channel=OPS)) == []


def test_a_message_that_lasts_has_slacks_feedback_buttons() -> None:
    content = search_result(result(passage()), lasting=True)
    (feedback,) = content["blocks"][-1]["elements"]
    assert feedback["type"] == "feedback_buttons"
    assert feedback["positive_button"]["value"] == f"{SEARCH}:1"
    assert feedback["negative_button"]["value"] == f"{SEARCH}:-1"


def test_what_does_not_fit_comes_with_more() -> None:
    content = search_result(result(*(passage("x" * 3_000) for _ in range(5))))
    shown = [value for action_id, value in pressable(content) if action_id == "fm_context"]
    assert len(shown) == 3
    assert ("fm_more", f"{SEARCH}:3") in pressable(content)


def test_files_are_listed_by_title_with_the_conditions_as_understood() -> None:
    conditions = Conditions(
        channels=frozenset({Mention(OPS, "ops")}),
        people=frozenset({Mention("U1")}),
        types=frozenset({"pdf"}),
        since=date(2026, 3, 1),
        before=date(2026, 4, 1),
    )
    content = search_result(result(documents=(document(),), query=Query("", (), conditions)))
    assert content["blocks"][0]["text"]["text"] == "1 file, the last shared first"
    assert content["blocks"][1]["elements"][0]["text"] == (
        f"Only in <#{OPS}> · from <@U1> · of type pdf · shared from 2026-03-01 to 2026-03-31"
    )
    assert "[1] Runbook" in content["text"]


def test_nothing_found_names_at_most_ten_channels_and_the_nearest_titles() -> None:
    channels = tuple(ChannelId(f"C{number}") for number in range(12))
    content = search_result(result(channels=channels, channels_searched=12, nearest=(document("Failover"),)))
    text = json.dumps(content["blocks"])
    assert content["text"].startswith("Nothing about “fail over” in the files you can see (12 channels")
    assert "<#C9> and 2 more" in text
    assert "<#C10>" not in text
    assert '"text": "Failover"' in text
    assert "Try fewer or other words" in text


def test_the_last_page_says_that_it_is_the_last() -> None:
    assert search_result(result(first=6))["text"] == "There are no further results."


def test_buttons_values_are_read_back_and_nothing_else_is() -> None:
    for number in (0, 1, 20, -1):
        reference = Reference(SEARCH, number)
        assert read_reference(str(reference)) == reference
    for value in (
        "",
        "x",
        SEARCH,
        f"{SEARCH}:",
        f"{SEARCH}:1; drop",
        f"{SEARCH.upper()}:1",
        f"{SEARCH}:99999",
    ):
        assert read_reference(value) is None


def test_context_shows_the_passage_between_what_stands_around_it() -> None:
    content = passage_in_context(Context(passage(), "before it", "after it"), 2)
    (rich, _) = content["blocks"]
    head, before, quote, after = rich["elements"]
    assert [e["text"] for e in head["elements"]] == ["[2] ", "Runbook", ", p. 3"]
    assert before["elements"][0]["text"] == "before it"
    assert quote["type"] == "rich_text_quote"
    assert after["elements"][0]["text"] == "after it"


def test_a_shared_passage_names_who_shares_it_and_can_not_be_shared_on() -> None:
    content = shared_passage(passage(), UserId("U7"), SEARCH, 1)
    assert content["text"] == "<@U7> shares a passage: Runbook p. 3"
    assert pressable(content) == [("fm_context", f"{SEARCH}:1")]


def test_the_forms_are_such_as_slack_takes() -> None:
    check_modal(comment_view(SEARCH))
    check_modal(said_view("Thanks."))
    check_blocks([thanks(SEARCH)])
    for lasting in (True, False):
        check_blocks(source_buttons(SEARCH, 12, lasting=lasting))


TEXT = st.text(min_size=1, max_size=4_000)


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXT, max_size=30), st.lists(TEXT, max_size=30), TEXT, st.booleans(), st.integers(1, 90))
def test_any_result_stays_inside_slacks_limits(
    quotes: list[str], titles: list[str], asked: str, lasting: bool, first: int
) -> None:
    found = result(
        *(passage(quote, title=quote) for quote in quotes),
        documents=() if quotes else tuple(map(document, titles)),
        nearest=tuple(map(document, titles[:3])),
        channels=tuple(ChannelId(f"C{number}") for number in range(40)),
        query=Query(asked, (), Conditions(channels=frozenset({Mention(name=asked[:100])}))),
        notes=(asked,),
        more=True,
        first=first,
    )
    content = search_result(found, channel=OPS, lasting=lasting)
    check_blocks(content["blocks"])
    assert 0 < len(content["text"]) <= 4_000
    for ids in (action for action, _ in pressable(content)):
        assert ids.startswith("fm_")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=9_000), TEXT, st.text(max_size=9_000))
def test_any_context_stays_inside_slacks_limits(before: str, text: str, after: str) -> None:
    context = Context(replace(passage(text, title=text), highlights=((0, len(text)),)), before, after)
    check_blocks(passage_in_context(context, 1)["blocks"])
    check_blocks(shared_passage(context.passage, UserId("U1"), SEARCH, 1)["blocks"])


def test_hostile_text_is_shown_only_where_nothing_is_markup() -> None:
    hostile = passage(HOSTILE, title=HOSTILE)
    for content in (
        search_result(result(hostile), channel=OPS),
        search_result(result(nearest=(document(HOSTILE),), query=Query(HOSTILE))),
        search_result(result(documents=(document(HOSTILE),))),
        passage_in_context(Context(hostile, HOSTILE, HOSTILE), 1),
        shared_passage(hostile, UserId("U7"), SEARCH, 1),
    ):
        assert "<!" not in content["text"]
        for block in content["blocks"]:
            if "<!channel>" in json.dumps(block):
                assert block["type"] == "rich_text" or block["text"]["type"] == "plain_text"
