from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextActionsBlock,
    ContextBlock,
    DividerBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    HeaderBlock,
    MarkdownBlock,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    RichTextBlock,
    RichTextSectionElement,
    SectionBlock,
)

from bot.playground.blocks import MAX_MESSAGE, check_blocks, texts_in
from bot.playground.refusal import Refusal


def section(text: str, **fields: object) -> dict:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **fields}


def button(text: str = "More", **fields: object) -> dict:
    return {"type": "button", "text": {"type": "plain_text", "text": text}, **fields}


def actions(*elements: dict) -> dict:
    return {"type": "actions", "elements": list(elements)}


def refusal_of(*blocks: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        check_blocks(list(blocks))
    return caught.value


def test_blocks_made_with_slacks_own_classes_are_taken() -> None:
    feedback = FeedbackButtonsElement(
        action_id="vote",
        positive_button=FeedbackButtonObject(text="Good", value="good"),
        negative_button=FeedbackButtonObject(text="Bad", value="bad"),
    )
    rich = RichTextBlock(elements=[RichTextSectionElement(elements=[{"type": "text", "text": "x"}])])
    blocks = [
        HeaderBlock(text="Found"),
        SectionBlock(text=MarkdownTextObject(text="*hit*"), block_id="one"),
        SectionBlock(
            fields=["left", "right"],
            accessory=OverflowMenuElement(action_id="menu", options=[Option(text="a", value="1")]),
        ),
        ContextBlock(elements=[MarkdownTextObject(text="p. 3")]),
        DividerBlock(),
        ActionsBlock(elements=[ButtonElement(text="More", action_id="more", value="2", style="primary")]),
        ContextActionsBlock(elements=[feedback]),
        MarkdownBlock(text="**answer**"),
        rich,
    ]
    check_blocks([block.to_dict() for block in blocks])


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("text", "must be an object [json-pointer:/blocks/0]"),
        ({}, "unsupported type: None [json-pointer:/blocks/0/type]"),
        ({"type": "sektion"}, "unsupported type: sektion [json-pointer:/blocks/0/type]"),
        ({"type": "divider", "text": 1}, "invalid additional property: text [json-pointer:/blocks/0]"),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0/text]"),
        (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (
            {"type": "section", "text": {"type": "markdown", "text": "x"}},
            "unsupported type: markdown [json-pointer:/blocks/0/text/type]",
        ),
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
            "between 1 and 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]},
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (
            {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
            "between 1 and 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            {"type": "context", "elements": [button()]},
            "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            {"type": "context", "elements": [{"type": "image", "image_url": "https://x.example/i.png"}]},
            "missing required field: alt_text [json-pointer:/blocks/0/elements/0]",
        ),
        (actions(*[button()] * 26), "between 1 and 25 items allowed [json-pointer:/blocks/0/elements]"),
        (
            actions(button("x" * 76)),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            actions(button(value="x" * 2001)),
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            actions(button(action_id="x" * 256)),
            "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
        ),
        (actions(button(style="loud")), "unsupported style [json-pointer:/blocks/0/elements/0/style]"),
        (
            actions(button(action_id="a"), button(action_id="a")),
            "action_id already exists [json-pointer:/blocks/0]",
        ),
        (
            actions({"type": "overflow", "options": []}),
            "between 1 and 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (section("x", accessory=5), "must be an object [json-pointer:/blocks/0/accessory]"),
        (
            section("x", block_id="x" * 256),
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        ({"type": "markdown"}, "missing required field: text [json-pointer:/blocks/0]"),
        ({"type": "rich_text"}, "missing required field: elements [json-pointer:/blocks/0]"),
        (
            {"type": "image", "image_url": "https://x.example/i.png"},
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
    ],
)
def test_a_wrong_block_is_refused_with_the_place_of_the_mistake(block: object, problem: str) -> None:
    refusal = refusal_of(block)
    assert refusal.error == "invalid_blocks"
    assert problem in refusal.body["errors"]
    assert f"[ERROR] {problem}" in refusal.body["response_metadata"]["messages"]


def test_fifty_blocks_are_taken_and_one_more_is_not() -> None:
    check_blocks([{"type": "divider"}] * 50)
    refusal = refusal_of(*[{"type": "divider"}] * 51)
    assert refusal.body["errors"] == ["no more than 50 items allowed [json-pointer:/blocks]"]


def test_a_block_id_may_not_come_twice() -> None:
    refusal = refusal_of(section("a", block_id="same"), section("b", block_id="same"))
    assert refusal.body["errors"] == ["block_id same already exists [json-pointer:/blocks/1/block_id]"]


def test_markdown_is_limited_over_the_whole_message() -> None:
    check_blocks([{"type": "markdown", "text": "x" * 6_000}] * 2)
    blocks = [{"type": "markdown", "text": "x" * 6_000}, {"type": "markdown", "text": "x" * 6_001}]
    assert refusal_of(*blocks).error == "msg_blocks_too_long"


@given(st.lists(st.integers(min_value=1, max_value=3_000), min_size=1, max_size=8))
def test_a_message_is_taken_exactly_while_its_block_text_stays_within_the_limit(lengths: list[int]) -> None:
    blocks = [section("x" * length) for length in lengths]
    assert sum(map(len, texts_in(blocks))) == sum(lengths)
    if sum(lengths) <= MAX_MESSAGE:
        check_blocks(blocks)
    else:
        assert refusal_of(*blocks).error == "msg_blocks_too_long"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "fields", "accessory"]), inner)
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(["section", "context", "actions", "header", "markdown", "rich_text", "image"])


@given(st.lists(JSON | st.builds(lambda kind, rest: {"type": kind, "text": rest}, TYPES, JSON), max_size=4))
def test_whatever_is_sent_is_taken_or_refused_and_nothing_else(blocks: list) -> None:
    try:
        check_blocks(blocks)
    except Refusal as refusal:
        assert refusal.error in {"invalid_blocks", "msg_blocks_too_long"}  # noqa: PT017  # both are fine
