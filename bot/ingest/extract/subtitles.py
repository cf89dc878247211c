"""Transcripts and subtitles (WebVTT, SRT): what was said, without numbers and marks, five minutes a page.

A page's label is the time at which it begins, and so does each paragraph, so that it can be listened to.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bot.domain import Page
from bot.ingest.extract.clean import clean
from bot.ingest.extract.limits import LimitReached
from bot.ingest.extract.reading import Reading, Source
from bot.ingest.extract.text import text_of

TIMES = re.compile(r"^[ \t]*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}[ \t]+-->", re.ASCII)
SPEAKER = re.compile(r"<v(?:\.[^<>\s]*)?[ \t]+([^<>]*)>")
MARK = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
PAGE_S = 300
PARAGRAPH_S = 30
MINUTE_S, HOUR_S = 60, 3600


def read(source: Source) -> Reading:
    """Raises FileRejected for binary content."""
    text, missing = text_of(source)
    return Reading(0, _pages(clean(text), missing))


def _pages(text: str, missing: str | None) -> Iterator[Page]:
    number = 0
    begun = paragraph_begun = 0
    parts: list[str] = []
    said = ""
    for at, line in _lines(text):
        if parts and at >= begun + PAGE_S:
            number += 1
            yield Page(number, "".join(parts), clock(begun))
            parts = []
        if not parts:
            begun = at
        if line == said:  # captions that roll up repeat the line before
            continue
        said = line
        if not parts or at >= paragraph_begun + PARAGRAPH_S:
            paragraph_begun = at
            parts.append(("\n\n" if parts else "") + f"[{clock(at)}] {line}")
        else:
            parts.append(f"\n{line}")
    if parts:
        yield Page(number + 1, "".join(parts), clock(begun))
    if missing:
        raise LimitReached(missing)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """What is said, line by line, each with its second; all but cues is left out."""
    second: int | None = None
    for line in text.split("\n"):
        if found := TIMES.match(line):
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            second = hours * HOUR_S + minutes * MINUTE_S + seconds
        elif not line.strip():
            second = None
        elif second is not None:
            words = html.unescape(MARK.sub("", SPEAKER.sub(r"\1: ", line)))
            if words.strip():
                yield second, " ".join(clean(words).split())


def clock(second: int) -> str:
    """A moment as players show it: `4:07`, `1:04:07`."""
    minutes, seconds = divmod(second, MINUTE_S)
    hours, minutes = divmod(minutes, MINUTE_S)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
