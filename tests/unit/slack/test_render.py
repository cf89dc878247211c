from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, Message, Passage, Query, SearchResult, Stage, Status, UserId
from bot.search.status import StatusReport
from bot.slack import render

HOSTILE = "<!channel> <@U0ALICE01> *b* `c` <https://evil.example|here> & \u202egnp.exe\x00\n" * 3


def document(**changes: object) -> Document:
    fields: dict[str, Any] = {
        "id": "d1", "workspace_id": "T1", "file_id": "F1", "title": "DB failover", "name": "db.pdf",
        "status": Status.PENDING, "stage": Stage.ACCEPT, "created_at": 1.0, "changed_at": 1.0,
    }  # fmt: skip
    return Document(**(fields | changes))


def passage(text: str = "the primary fails over", title: str = "DB failover") -> Passage:
    return Passage(
        document_id=DocumentId("d1"), title=title, page=3, text=text, highlights=((4, 11),), score=1.0,
        message=Message(ChannelId("C1"), "1786000001.000100", None, UserId("U1")),
        permalink="https://acme.slack.com/archives/C1/p1786000001000100",
    )  # fmt: skip


def result(*passages: Passage, notes: tuple[str, ...] = (), channels: int = 2) -> SearchResult:
    return SearchResult(Query("fail over"), passages, channels, 3.0, notes)


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [t for key, item in value.items() if key not in {"type", "style"} for t in texts(item)]
    if isinstance(value, list):
        return [t for item in value for t in texts(item)]
    return [value] if isinstance(value, str) else []


def test_an_indexed_file_is_announced_with_pages_and_passages() -> None:
    line = render.status_line(document(status=Status.INDEXED, pages=12, chunks=40))
    assert line == 'Indexed "DB failover": 12 pages, 40 passages'


def test_one_page_is_not_called_pages() -> None:
    line = render.status_line(document(status=Status.INDEXED, pages=1, chunks=1))
    assert line == 'Indexed "DB failover": 1 page, 1 passage'


def test_a_failed_file_is_announced_with_reason_and_advice() -> None:
    failed = document(status=Status.FAILED, error_detail="it is a scan", error_advice="Run OCR on it.")
    assert render.status_line(failed) == 'Could not index "DB failover": it is a scan. Run OCR on it.'


def test_a_document_under_way_says_stage_and_progress() -> None:
    under_way = document(status=Status.PROCESSING, stage=Stage.EXTRACT, progress_done=20, progress_total=300)
    assert render.status_line(under_way) == 'Indexing "DB failover": reading, 20 of 300…'


def test_a_file_that_is_tried_again_says_why() -> None:
    again = document(attempts=1, waits=1, error_detail="Slack could not be reached")
    assert "Slack could not be reached (attempt 2)" in render.status_line(again)


def test_what_was_left_out_of_a_file_is_said() -> None:
    partial = document(status=Status.INDEXED, pages=2, chunks=3, partial="The rest was too long.")
    assert render.status_line(partial).endswith("The rest was too long.")


def test_a_deleted_file_is_no_longer_announced_as_indexed() -> None:
    gone = document(status=Status.INDEXED, pages=2, chunks=3, tombstoned_at=5.0)
    assert render.status_line(gone) == '"DB failover" was deleted and can no longer be found'


def test_a_passage_shows_title_page_quote_sharer_channel_date_and_link() -> None:
    content = render.search_result(result(passage()))
    rich, source = content["blocks"][1], content["blocks"][2]
    head, quote = rich["elements"]
    assert [e["text"] for e in head["elements"]] == ["[1] ", "DB failover", ", p. 3"]
    assert head["elements"][1]["url"] == "https://acme.slack.com/archives/C1/p1786000001000100"
    assert [e["text"] for e in quote["elements"]] == ["the ", "primary", " fails over"]
    assert [e.get("style") for e in quote["elements"]] == [None, {"bold": True}, None]
    said = source["elements"][0]["text"]
    assert said == "shared by <@U1> · in <#C1> · <!date^1786000001^{date_short_pretty}|2026-08-06>"


def test_the_fallback_text_names_every_source() -> None:
    content = render.search_result(result(passage(), passage(title="Other")))
    assert content["text"] == "2 passages for “fail over”: [1] DB failover p. 3; [2] Other p. 3"


def test_a_files_name_can_not_ping_link_or_hide_anything() -> None:
    reply = render.status_reply(document(title=HOSTILE, status=Status.INDEXED))
    assert "<" not in reply["text"]
    assert reply["blocks"][0]["text"]["type"] == "plain_text"
    assert not set("\u202e\x00\n") & set(reply["text"])


def test_a_files_text_is_shown_only_in_elements_where_nothing_is_markup() -> None:
    content = render.search_result(result(passage(text=HOSTILE, title=HOSTILE)))
    assert "<" not in content["text"]
    for block in content["blocks"]:
        if "<!channel>" in json.dumps(block):
            assert block["type"] == "rich_text"


def test_nothing_found_says_where_it_was_looked_for() -> None:
    assert "2 channels searched" in render.search_result(result())["text"]


def test_sharing_no_channel_is_said_plainly() -> None:
    assert "share no channel yet" in render.search_result(result(channels=0))["text"]


def test_a_failed_look_up_is_said_instead_of_nothing_found() -> None:
    assert render.search_result(result(notes=("I could not check.",), channels=0))["text"] == (
        "I could not check."
    )


def test_help_names_the_word_it_did_not_understand() -> None:
    assert render.help_reply("<frob>")["text"].startswith("I don't know “&lt;frob&gt;”.")


@settings(max_examples=60)
@given(
    st.lists(st.text(min_size=1, max_size=4_000), min_size=1, max_size=50),
    st.text(min_size=1, max_size=600),
)
def test_fifty_passages_of_any_text_stay_inside_slacks_limits(quotes: list[str], title: str) -> None:
    found = [
        Passage(
            DocumentId("d"), title, 1, quote, ((0, 1),), 0.5,
            Message(ChannelId("C1"), "1.0", None, UserId("U1")), "https://a.slack.com/archives/C1/p10",
        )
        for quote in quotes
    ]  # fmt: skip
    content = render.search_result(result(*found))
    assert len(content["blocks"]) <= 50
    assert sum(map(len, texts(content["blocks"]))) <= 13_200
    assert len(content["text"]) <= 4_000
    assert all(t for t in texts(content["blocks"])), "Slack refuses empty text"


@given(st.lists(st.text(max_size=5_000), max_size=30), st.text(max_size=3_000))
def test_a_status_report_of_any_names_stays_inside_slacks_limits(names: list[str], reason: str) -> None:
    documents = [document(title=name, status=Status.FAILED, error_detail=reason) for name in names]
    report = StatusReport({Status.FAILED: len(documents)}, documents, {})
    content = render.status_report(report, None, now=100.0)
    assert len(content["blocks"]) <= 50
    assert all(len(t) <= 3_000 for t in texts(content["blocks"]))
    assert sum(map(len, texts(content["blocks"]))) <= 13_200


def test_help_says_how_to_ask_in_a_thread() -> None:
    assert "In a thread, where Slack takes no commands, mention me" in render.help_reply()["text"]
