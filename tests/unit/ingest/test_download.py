from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import FileId, FileInfo
from bot.errors import FileRejected
from bot.ingest.download import refuse_unreadable

PLAIN = FileInfo(
    file_id=FileId("F1"),
    name="a.pdf",
    title="a",
    mimetype="application/pdf",
    size=1000,
    mode="hosted",
    uploader=None,
    download_url="https://files.slack.com/a",
    permalink=None,
)


def test_a_file_of_the_limits_size_is_taken_and_one_byte_more_is_not() -> None:
    refuse_unreadable(replace(PLAIN, size=1024), 1024)
    with pytest.raises(FileRejected) as refused:
        refuse_unreadable(replace(PLAIN, size=1025), 1024)
    assert refused.value.code == "too_large"
    assert "FM_MAX_FILE_MB" in refused.value.advice


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("external", "external"),
        ("tombstone", "deleted"),
        ("hidden_by_limit", "hidden_by_limit"),
        ("file_access", "access_denied"),
        ("canvas_of_the_future", "unsupported"),
        ("untranscribed", "no_transcript"),
        ("transcribing", "no_transcript"),
    ],
)
def test_what_can_not_be_read_is_refused_before_a_byte_moves(mode: str, code: str) -> None:
    with pytest.raises(FileRejected) as refused:
        refuse_unreadable(replace(PLAIN, mode=mode), 1024)
    assert refused.value.code == code
    assert refused.value.advice, "whoever shared it is told what to do"


def test_a_snippet_is_read_like_a_file() -> None:
    refuse_unreadable(replace(PLAIN, mode="snippet"), 1024)


def test_what_came_with_the_description_needs_no_address() -> None:
    refuse_unreadable(replace(PLAIN, mode="email", download_url=None, text="<p>Disk full.</p>"), 1024)


def test_a_file_without_an_address_is_refused() -> None:
    with pytest.raises(FileRejected):
        refuse_unreadable(replace(PLAIN, download_url=None), 1024)
