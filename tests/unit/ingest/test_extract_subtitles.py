from __future__ import annotations

import pytest

from bot.domain import Page
from bot.ingest.extract import subtitles
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Source
from bot.ingest.extract.subtitles import clock

VTT = """\ufeffWEBVTT - made by Slack

NOTE not said

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:04.000 align:start
<v Alice Ng>we failed over the &amp; database

2
00:00:05.000 --> 00:00:09.000
<v Bob>and promoted <i>the standby</i>

00:40.000 --> 00:45.000
replication lag was zero

05:02.500 --> 05:04.000
nobody was paged
"""
SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}Disk full.\r\n\r\n"
    "2\r\n01:02:03,000 --> 01:02:04,000\r\nBye.\r\n"
)


def read(text: str) -> list[Page]:
    return list(subtitles.read(Source(text.encode(), "subtitles", Limits())).pages)


def test_a_transcript_is_read_in_pages_of_five_minutes_that_tell_the_time() -> None:
    assert read(VTT) == [
        Page(
            1,
            "[0:01] Alice Ng: we failed over the & database\nBob: and promoted the standby\n\n"
            "[0:40] replication lag was zero",
            "0:01",
        ),
        Page(2, "[5:02] nobody was paged", "5:02"),
    ]


def test_subtitles_are_read_as_transcripts_are() -> None:
    assert read(SRT) == [Page(1, "[0:01] Disk full.", "0:01"), Page(2, "[1:02:03] Bye.", "1:02:03")]


def test_lines_that_roll_up_are_said_once() -> None:
    rolling = "WEBVTT\n\n00:01.000 --> 00:02.000\nfirst\n\n00:02.000 --> 00:03.000\nfirst\nsecond\n"
    assert [page.text for page in read(rolling)] == ["[0:01] first\nsecond"]


def test_a_transcript_in_which_nothing_is_said_has_no_pages() -> None:
    assert read("WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>\n") == []


def test_a_transcript_that_is_too_long_says_what_is_missing() -> None:
    data = b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"word " * 100
    with pytest.raises(LimitReached, match="first 50 characters"):
        list(subtitles.read(Source(data, "subtitles", Limits(characters=50))).pages)


@pytest.mark.parametrize(("second", "shown"), [(0, "0:00"), (247, "4:07"), (3847, "1:04:07")])
def test_a_moment_is_shown_as_players_do(second: int, shown: str) -> None:
    assert clock(second) == shown
