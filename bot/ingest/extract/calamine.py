"""Excel workbooks through python-calamine: binary ones (XLSB), and older ones that our own reader refuses.

It is native code that spreads a sheet out in memory: a child that dies of it costs an attempt. Values come
as they are stored, dates in ISO 8601, since it tells no number formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO

import python_calamine

from bot.domain import Page
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.number_format import plain
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Reading, Source, Unreadable
from bot.ingest.extract.xlsx_sheet import Rows

Value = float | str | bool | time | date | datetime | timedelta
CUT_EVERY = 1_000


def read(source: Source) -> Reading:
    """Raises Unreadable for damage and passwords."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(source.read()))
    except python_calamine.PasswordError:
        raise Unreadable(*ENCRYPTED) from None
    except (python_calamine.CalamineError, OSError):
        raise Unreadable(*DAMAGED) from None
    return Reading(len(book.sheet_names), _pages(book, source.limits))


def _pages(book: python_calamine.CalamineWorkbook, limits: Limits) -> Iterator[Page]:
    damaged = []
    for number, name in enumerate(book.sheet_names, start=1):
        try:
            sheet = book.get_sheet_by_name(name)
        except (python_calamine.CalamineError, OSError):
            damaged.append(one_line(name))
            continue
        flow = Flow(limits)
        rows = Rows(flow)
        missing = _add_rows(sheet, flow, rows)
        text = "\n".join(page.text for page in flow.end())
        yield Page(number, text, one_line(name) or None, one_line(rows.header))
        if missing:
            raise LimitReached(missing)
    if len(damaged) == len(book.sheet_names):
        raise Unreadable(*DAMAGED)
    if damaged:
        raise LimitReached(f"{len(damaged):,} of {len(book.sheet_names):,} sheets are damaged and missing")


def _add_rows(sheet: python_calamine.CalamineSheet, flow: Flow, rows: Rows) -> str | None:
    """Write a sheet's rows. Returns what is missing."""
    for count, row in enumerate(sheet.iter_rows()):
        if count % CUT_EVERY == 0 and (missing := flow.cut):
            return missing
        for column, value in enumerate(row, start=1):
            if value != "":
                rows.add(column, _shown(value))
        rows.end()
    return None


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    return str(value)
