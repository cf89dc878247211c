from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.office import A, make_xlsx, package, relations

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Reading, Source
from bot.ingest.extract.xlsx import read

Open = Callable[..., Reading]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def of(data: bytes, limits: Limits | None = None) -> Reading:
        path = tmp_path / "file.xlsx"
        path.write_bytes(data)
        return read(Source(path, "xlsx", limits or Limits()))

    return of


def inline(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_sheets_are_pages_with_their_names_and_header_rows(opened: Open) -> None:
    rows = (
        f"<row>{inline('A1', 'Disks')}</row><row>{inline('A2', 'host')}{inline('B2', 'state')}</row>"
        f"<row>{inline('A3', 'svc-7')}{inline('B3', 'full')}</row>"
    )
    reading = opened(make_xlsx({"Nodes": rows, "Empty": ""}))
    assert reading.total == 2
    assert list(reading.pages) == [
        Page(1, "Disks\nhost | state\nsvc-7 | full", "Nodes", "host | state"),
        Page(2, "", "Empty"),
    ]


def test_values_are_read_as_they_are_shown(opened: Open) -> None:
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellStyleXfs>'
        '<xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="9"/>'
        "</cellXfs></styleSheet>"
    )
    strings = (
        "<sst><si><t>plain</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>aid</t></rPh></si></sst>"
    )
    row = (
        '<row><c t="s"><v>1</v></c><c s="1"><v>45000</v></c><c s="2"><v>0.25</v></c><c t="b"><v>1</v></c>'
        '<c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>formula</v></c><c><v>0.30000000000000004</v></c>'
        '<c s="2"/><c t="s"><v>99</v></c></row>'
    )
    (page,) = opened(make_xlsx({"S": row}, {"xl/styles.xml": styles, "xl/sharedStrings.xml": strings})).pages
    assert page.text == "rich text | 15/03/2023 | 25% | TRUE | #N/A | formula | 0.3"


def test_characters_that_xml_can_not_hold_are_read_as_themselves(opened: Open) -> None:
    strings = "<sst><si><t>one_x000D_two_x005F_x0041_</t></si></sst>"
    row = f'<row><c t="s"><v>0</v></c>{inline("B1", "_x0041_")}</row>'
    (page,) = opened(make_xlsx({"S": row}, {"xl/sharedStrings.xml": strings})).pages
    assert page.text == "one two_x0041_ | A"


def test_dates_may_count_from_1904(opened: Open) -> None:
    styles = '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    data = make_xlsx(
        {"S": '<row><c s="0"><v>0</v></c></row>'},
        {"xl/styles.xml": styles},
        '<workbookPr date1904="1"/>',
    )
    assert next(opened(data).pages).text == "1904-01-01"


def test_cells_far_apart_cost_no_more_than_their_text(opened: Open) -> None:
    rows = f"<row>{inline('A1', 'near')}{inline('D1', 'gap')}{inline('XFD1', 'far')}</row>"
    rows += f'<row r="1048576">{inline("XFD1048576", "last")}</row>'
    assert next(opened(make_xlsx({"S": rows})).pages).text == "near |  |  | gap | far\nlast"


def test_comments_and_text_boxes_follow_their_sheet(opened: Open) -> None:
    box = f'<wsDr xmlns:a="{A}"><a:p><a:r><a:t>In a box.</a:t></a:r></a:p></wsDr>'
    words = "<text><r><t>Who </t></r><r><t>did it?</t></r></text>"
    comments = f'<comments><comment ref="B2">{words}</comment></comments>'
    extra = {
        "xl/worksheets/_rels/sheet1.xml.rels": relations(
            {"a": "comments ../comments1.xml", "b": "drawing ../drawings/drawing1.xml", "c": "table ../t.xml"}
        ),
        "xl/comments1.xml": comments,
        "xl/drawings/drawing1.xml": box,
    }
    (page,) = opened(make_xlsx({"S": f"<row>{inline('A1', 'x')}</row>"}, extra)).pages
    assert page.text == "x\n\nB2: Who did it?\n\nIn a box."


def test_a_string_used_again_and_again_fills_no_more_than_the_limit(opened: Open) -> None:
    strings = f"<sst><si><t>{'x' * 400}</t></si></sst>"
    rows = '<row><c t="s"><v>0</v></c></row>' * 20_000
    pages = opened(make_xlsx({"S": rows}, {"xl/sharedStrings.xml": strings}), Limits(characters=1_000)).pages
    assert 1_000 < len(next(pages).text) < 2_000_000
    with pytest.raises(LimitReached, match="only its first 1,000 characters"):
        next(pages)


def test_strings_past_the_limit_are_not_kept_and_that_is_said(opened: Open) -> None:
    strings = f"<sst>{'<si><t>0123456789</t></si>' * 9}</sst>"
    data = make_xlsx({"S": '<row><c t="s"><v>0</v></c></row>'}, {"xl/sharedStrings.xml": strings})
    pages = opened(data, Limits(characters=30)).pages
    assert next(pages).text == "0123456789"
    with pytest.raises(LimitReached, match="only its first 30 characters"):
        next(pages)


def test_reading_stops_in_time_and_says_so(opened: Open) -> None:
    pages = opened(make_xlsx({"S": f"<row>{inline('A1', 'x')}</row>"}), Limits(document_cpu_s=-1)).pages
    next(pages)
    with pytest.raises(LimitReached, match="reading took too long"):
        next(pages)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/workbook.xml": "<workbook><"}, "damaged"),
        ({"xl/workbook.xml": "<workbook/>", "xl/_rels/workbook.xml.rels": "<"}, "damaged"),
        ({"xl/other.xml": "<workbook/>"}, "damaged"),
    ],
)
def test_what_can_not_be_read_is_refused(opened: Open, parts: dict[str, str], code: str) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(package("xl/workbook.xml", parts))
    assert rejected.value.code == code
