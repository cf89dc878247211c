"""Slack's file objects, one of each kind, as ours."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain import FileId, FileInfo
from bot.providers.slack.file_info import file_info

VTT = "https://files.slack.com/files-tmb/T1-F1/file.vtt"


def read(**fields: Any) -> FileInfo:  # noqa: ANN401  # fields of JSON
    plain = {
        "name": "db-failover.pdf",
        "title": "DB failover runbook",
        "mimetype": "application/pdf",
        "size": 248113,
        "mode": "hosted",
        "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/db-failover.pdf",
    }
    return file_info(FileId("F1"), plain | fields)


def test_an_uploaded_file_is_read_by_its_own_name_and_size() -> None:
    info = read()
    assert (info.mode, info.size, info.read_as, info.text) == ("hosted", 248113, "", None)


@pytest.mark.parametrize("mimetype", ["audio/mp4", "video/mp4"])
def test_a_recording_is_read_by_its_transcript(mimetype: str) -> None:
    info = read(mimetype=mimetype, transcription={"status": "complete"}, vtt=VTT)
    assert (info.mode, info.size, info.download_url) == ("transcript", 0, VTT)
    assert info.read_as == "transcript.vtt"


def test_a_short_transcript_needs_no_download() -> None:
    preview = {"content": "we failed over the database", "has_more": False}
    info = read(mimetype="audio/mp4", transcription={"status": "complete", "preview": preview})
    assert (info.mode, info.text) == ("transcript", "we failed over the database")


@pytest.mark.parametrize(
    ("fields", "mode"),
    [
        ({}, "untranscribed"),
        ({"transcription": {"status": "failed"}}, "untranscribed"),
        ({"transcription": {"status": "processing"}}, "transcribing"),
        (
            {"transcription": {"status": "complete", "preview": {"content": "we", "has_more": True}}},
            "untranscribed",
        ),
    ],
)
def test_a_recording_without_a_transcript_says_so(fields: dict[str, Any], mode: str) -> None:
    assert read(mimetype="video/mp4", **fields).mode == mode


@pytest.mark.parametrize("mode", ["quip", "canvas", "hosted"])
def test_a_canvas_is_read_as_html_whatever_it_is_called(mode: str) -> None:
    info = read(mimetype="application/vnd.slack-docs", filetype="quip", mode=mode)
    assert (info.mode, info.read_as, info.size) == ("canvas", "canvas.html", 0)


def test_a_post_is_read_as_one() -> None:
    assert read(mimetype="text/plain", filetype="space", mode="space").read_as == "post.post"


def test_a_snippet_is_read_as_the_language_that_slack_says_it_is() -> None:
    assert read(mimetype="text/plain", filetype="python", mode="snippet").read_as == "snippet.py"
    assert read(mimetype="text/plain", filetype="cobol", mode="snippet").read_as == ""


def test_a_mail_to_a_channel_is_read_from_its_object_with_its_headers() -> None:
    sender = [{"address": "a@x.com", "name": "A", "original": "A <a@x.com>"}]
    info = read(
        mimetype="text/html",
        mode="email",
        subject="Alert & more",
        simplified_html="<p>body</p>",
        plain_text="body as text",
        **{"from": sender},
    )
    assert info.read_as == "email.html"
    assert info.text == "<h1>Alert &amp; more</h1>\n<p>From: A &lt;a@x.com&gt;</p>\n<p>body</p>"


def test_a_mail_as_text_keeps_its_lines() -> None:
    info = read(mode="email", subject="Alert", plain_text="a < b\nc")
    assert info.text == "<h1>Alert</h1>\n<pre>a &lt; b\nc</pre>"


def test_a_mail_of_which_slack_tells_nothing_is_downloaded() -> None:
    info = read(mode="email")
    assert (info.mode, info.text) == ("email", None)
    assert info.download_url


def test_a_file_that_lies_elsewhere_stays_external_whatever_it_is() -> None:
    assert read(mimetype="audio/mp4", mode="external", is_external=True).mode == "external"
    assert read(mimetype="audio/mp4", file_access="access_denied").mode == "file_access"
