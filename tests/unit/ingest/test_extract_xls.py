from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.biff import (
    CONTINUE,
    FORMAT,
    FORMULA,
    STRINGS,
    STYLE,
    cell,
    make_xls,
    number,
    record,
    shared,
    wide,
)
from support.ole import make_ole

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Source, Unreadable
from bot.ingest.extract.xls import read

PERCENT = record(STYLE, struct.pack("<HH", 0, 0)) + record(STYLE, struct.pack("<HH", 0, 9))
OWN_DATE = record(FORMAT, struct.pack("<H", 164) + wide("dd/mm/yyyy")) + record(
    STYLE, struct.pack("<HH", 0, 164)
)
FILEPASS, SINCE_1904, CODE_PAGE = 0x002F, 0x0022, 0x0042
LABEL_5, RK, MANY_RK, TRUTH, FORMULA_TEXT, TEXT_OBJECT = 0x0204, 0x027E, 0x00BD, 0x0205, 0x0207, 0x01B6


def read_all(data: bytes, limits: Limits | None = None) -> tuple[list[Page], str | None]:
    """Pages, and what is missing."""
    pages = []
    try:
        pages.extend(read(Source(data, "xls", limits or Limits())).pages)
    except LimitReached as limit:
        return pages, str(limit)
    return pages, None


def text_of(cells: bytes, texts: tuple[str, ...] = (), before: bytes = b"") -> str:
    (page,), missing = read_all(make_xls({"S": cells}, texts, before))
    assert missing is None
    return page.text


def test_sheets_are_pages_with_their_names_and_header_rows() -> None:
    cells = (
        shared(0, 0, 0)
        + shared(1, 0, 1)
        + shared(1, 1, 2)
        + shared(2, 0, 3)
        + shared(2, 3, 4)  # a gap of two
    )
    data = make_xls({"Größen": cells, "Empty": b""}, ["Disks", "host", "state", "svc-7", "full"])
    assert read_all(data) == (
        [
            Page(1, "Disks\nhost | state\nsvc-7 |  |  | full", "Größen", "host | state"),
            Page(2, "", "Empty"),
        ],
        None,
    )


@pytest.mark.parametrize(
    ("cells", "before", "shown"),
    [
        (number(0, 0, 0.30000000000000004), b"", "0.3"),
        (number(0, 0, 0.25, 1), PERCENT, "25%"),
        (number(0, 0, 45_000), OWN_DATE, "15/03/2023"),
        (number(0, 0, 0), record(SINCE_1904, b"\1\0") + OWN_DATE, "01/01/1904"),
        (number(0, 0, float("nan")) + number(1, 0, 7), b"", "7"),
        (cell(RK, 0, 0, struct.pack("<L", 12_345 << 2 | 3)), b"", "123.45"),
        (cell(RK, 0, 0, struct.pack("<l", -7 << 2 | 2)), b"", "-7"),
        (cell(RK, 0, 0, struct.pack("<d", 1.5)[4:]), b"", "1.5"),
        (record(MANY_RK, struct.pack("<HHHLHLH", 0, 0, 0, 6, 0, 10, 1)), b"", "1 | 2"),
        (cell(TRUTH, 0, 0, b"\1\0") + cell(TRUTH, 0, 1, b"\0\0"), b"", "TRUE | FALSE"),
        (cell(TRUTH, 0, 0, b"\x2a\1"), b"", "#N/A"),
        (cell(FORMULA, 0, 0, struct.pack("<d", 8)), b"", "8"),
        (cell(FORMULA, 0, 0, b"\1\0\1\0\0\0\xff\xff"), b"", "TRUE"),
        (cell(FORMULA, 0, 0, b"\2\0\7\0\0\0\xff\xff"), b"", "#DIV/0!"),
        (
            cell(FORMULA, 0, 2, bytes(6) + b"\xff\xff") + record(FORMULA_TEXT, wide("worked out")),
            b"",
            "|  | worked out",
        ),
    ],
)
def test_values_are_read_as_they_are_shown(cells: bytes, before: bytes, shown: str) -> None:
    assert text_of(cells, before=before) == shown


def test_a_text_that_goes_on_in_the_next_record_may_change_its_width_there() -> None:
    head = struct.pack("<LLHB", 2, 2, 6, 0)
    strings = (
        record(STRINGS, head + b"Dis")
        + record(CONTINUE, b"\1" + "k Ω".encode("utf-16-le"))
        + record(CONTINUE, struct.pack("<HBHL", 4, 12, 1, 3) + b"full" + bytes(4) + b"aid")
    )
    data = make_xls({"S": shared(0, 0, 0) + shared(0, 1, 1) + shared(0, 2, 99)}, strings=strings)
    assert read_all(data)[0][0].text == "Disk Ω | full"


def test_workbooks_of_excel_95_hold_bytes_in_a_code_page() -> None:
    label = cell(LABEL_5, 0, 0, struct.pack("<H", 4) + "Гвоз".encode("cp1251"))
    before = record(CODE_PAGE, struct.pack("<H", 1251))
    (page,), _ = read_all(make_xls({"Sheet": label}, (), before, strings=b"", version=0x0500))
    assert (page.label, page.text) == ("Sheet", "Гвоз")


def test_comments_and_text_boxes_follow_the_cells() -> None:
    box = record(TEXT_OBJECT, bytes(18)) + record(CONTINUE, b"\0Ask Ana\nfirst")
    assert text_of(box + number(0, 0, 1)) == "1\n\nAsk Ana first"


def test_cells_a_sheet_apart_cost_no_more_than_two() -> None:
    assert text_of(number(0, 0, 1) + number(65_535, 255, 2)) == "1\n2"


@pytest.mark.parametrize("cells", [record(0x0203, b"\0"), cell(TRUTH, 0, 0, b"")])
def test_damage_costs_what_comes_after_it(cells: bytes) -> None:
    pages, missing = read_all(make_xls({"S": number(0, 0, 1) + cells + number(1, 0, 2)}))
    assert pages[0].text == "1"
    assert missing == "the rest of it is damaged and missing"


def test_a_password_is_said() -> None:
    with pytest.raises(FileRejected) as rejected:
        read_all(make_xls({"S": b""}, (), record(FILEPASS, bytes(6))))
    assert rejected.value.code == "encrypted"


def test_what_has_no_sheets_is_left_to_the_next_reader() -> None:
    for data in (make_xls({}), make_ole({"Workbook": b""}), make_ole({"Workbook": bytes(9_000)})):
        with pytest.raises(Unreadable):
            read_all(data)


def test_of_a_long_sheet_the_beginning_is_read_and_that_is_said() -> None:
    cells = b"".join(shared(row, 0, 0) for row in range(10_000))
    pages, missing = read_all(make_xls({"S": cells}, ["word " * 10]), Limits(characters=200))
    assert pages[0].text.startswith("word word")
    assert missing == "only its first 200 characters were read"


BOOK = make_xls(
    {"S": shared(0, 0, 0) + number(1, 0, 0.25, 1) + cell(FORMULA, 2, 0, bytes(8))}, ["Disk full"], PERCENT
)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=40))
def test_no_workbook_is_too_strange(changes: list[tuple[int, int]]) -> None:
    data = bytearray(BOOK)
    for place, value in changes:
        data[place] = value
    try:
        read_all(bytes(data))
    except FileRejected as rejected:
        assert rejected.code  # noqa: PT017 - any verdict will do
