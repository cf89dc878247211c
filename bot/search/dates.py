"""Dates: what people write for days, months and years → the days that are meant. Pure."""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, timedelta

FIRST_YEAR, LAST_YEAR = 1970, MAXYEAR - 1
EARLIEST, LATEST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1)
"""Nothing is shared before the one or after the other."""
DAY = timedelta(days=1)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip  # a table
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORTEST_NAME = 3
"""Letters of a month or weekday that are enough: `mar`, `tues`."""
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})")

Days = tuple[date, date]
"""The first day, and the first one after the last."""


def days_of(words: str, today: date) -> Days | None:
    """The days that somebody means; None when they can't be told.

    `2026-03-31`, `2026/3/31` and `31.3.2026` are a day, `2026-03` and `march` a month, `2026` a year; so
    are `today`, `yesterday`, `monday`, `week`, `month`, `year`. A name means the latest of its kind that
    has begun. Days before months, `3/31/2026`, aren't read: half of the world means another day by it.
    """
    text = words.strip().lower()
    match = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if match:
        return _numbered(**{name: int(value) for name, value in match.groupdict().items() if value})
    return _named(text, today)


def _numbered(year: int, month: int | None = None, day: int | None = None) -> Days | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    try:
        first = date(year, month, day or 1)
    except ValueError:
        return None
    if day == 0:
        return None
    return (first, first + DAY) if day else (first, _next_month(first))


def _named(text: str, today: date) -> Days | None:
    if text in {"today", "yesterday"}:
        first = today if text == "today" else today - DAY
        return first, first + DAY
    if text == "week":
        first = today - DAY * today.weekday()
        return first, first + 7 * DAY
    if text in {"month", "year"}:
        return _numbered(today.year, today.month if text == "month" else None)
    if (month := _place(text, MONTHS)) is not None:
        return _numbered(today.year - (month + 1 > today.month), month + 1)
    if (weekday := _place(text, WEEKDAYS)) is not None:
        first = today - DAY * ((today.weekday() - weekday) % 7)
        return first, first + DAY
    return None


def _place(text: str, names: tuple[str, ...]) -> int | None:
    if len(text) < SHORTEST_NAME:
        return None
    return next((place for place, name in enumerate(names) if name.startswith(text)), None)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
