from __future__ import annotations

import json

import pytest

from bot.ingest.extract import slack_post
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.reading import Source


def text_of(post: object) -> str:
    data = post if isinstance(post, str) else json.dumps(post)
    (page,) = slack_post.read(Source(data.encode(), "post", Limits())).pages
    return page.text


@pytest.mark.parametrize(
    "post",
    [
        {"full": "<h1>Outage</h1><p>The <b>disk</b> was full.</p>", "preview": "Outage"},
        "<h1>Outage</h1><p>The disk was full.</p>",
    ],
)
def test_a_post_with_html_keeps_its_headings(post: object) -> None:
    assert text_of(post) == "# Outage\n\nThe disk was full."


def test_a_post_as_a_tree_gives_its_blocks() -> None:
    lines = [
        {"type": "h1", "children": [{"text": "Outage"}]},
        {"type": "p", "children": [{"text": "The "}, {"text": "disk", "b": True}, {"text": " was full."}]},
        {"type": "ul", "children": [{"type": "li", "children": [{"text": "ENOSPC"}]}]},
    ]
    assert text_of({"root": {"children": lines}}) == "Outage\n\nThe disk was full.\n\nENOSPC"


def test_a_post_that_is_only_text_is_read_as_such() -> None:
    assert text_of("The disk was full.") == "The disk was full."


def test_a_post_that_never_ends_is_read_only_so_deep() -> None:
    tree: dict = {"text": "deep"}
    for _ in range(60):
        tree = {"children": [tree, {"text": "above"}, {"children": []}]}
    assert "above" in text_of({"root": tree})
