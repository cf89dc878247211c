from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.office import make_docx, package, paragraph, relations, word_part

from bot.domain import Page
from bot.ingest.extract.docx import read
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Source

Pages = Callable[..., list[Page]]
BREAK = '<w:br w:type="page"/>'


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    def of(data: bytes, limits: Limits | None = None) -> list[Page]:
        path = tmp_path / "file.docx"
        path.write_bytes(data)
        return list(read(Source(path, "docx", limits or Limits())).pages)

    return of


def cell(text: str) -> str:
    return f"<w:tc>{paragraph(text)}</w:tc>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def test_paragraphs_stand_apart_and_list_items_close(pages: Pages) -> None:
    body = paragraph("One.") + paragraph("a", "<w:numPr/>") + paragraph("b", "<w:numPr/>") + paragraph("Two.")
    assert pages(make_docx(body)) == [Page(1, "One.\n\na\nb\n\nTwo.")]


def test_a_table_keeps_its_rows_and_a_table_within_it_becomes_text_of_its_cell(pages: Pages) -> None:
    inner = f"<w:tc><w:tbl>{row(cell('in'), cell('side'))}</w:tbl></w:tc>"
    body = f"<w:tbl>{row(cell('host'), cell('state'))}{row(cell('svc-7'), inner)}</w:tbl>"
    (page,) = pages(make_docx(body))
    assert page.text == "host | state\nsvc-7 | in side"


def test_headings_are_known_by_style_whatever_its_id_is_and_by_outline_level(pages: Pages) -> None:
    styles = word_part(
        "styles",
        '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="Own"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>',
    )
    body = (
        paragraph("Book", '<w:pStyle w:val="Titel"/>')
        + paragraph("Part", '<w:pStyle w:val="berschrift2"/>')
        + paragraph("Own", '<w:pStyle w:val="Own"/>')
        + paragraph("Direct", '<w:outlineLvl w:val="2"/>')
        + paragraph("Text.", '<w:outlineLvl w:val="9"/>')
    )
    (page,) = pages(make_docx(body, {"word/styles.xml": styles}, styles="styles.xml"))
    assert page.text == "# Book\n\n## Part\n\n# Own\n\n### Direct\n\nText."


def test_a_page_ends_where_word_saw_it_end_and_the_next_knows_its_heading(pages: Pages) -> None:
    body = (
        paragraph("Outage", '<w:outlineLvl w:val="0"/>')
        + f"<w:p><w:r>{BREAK}</w:r></w:p>"
        + "<w:p><w:r><w:lastRenderedPageBreak/><w:t>Next </w:t></w:r>"
        + "<w:r><w:lastRenderedPageBreak/><w:t>page.</w:t></w:r></w:p>"
        + paragraph("Last.")
    )
    assert pages(make_docx(body)) == [
        Page(1, "# Outage"),
        Page(2, "Next page.", heading="Outage"),
        Page(3, "Last.", heading="Outage"),
    ]


def test_a_page_that_ends_within_a_row_ends_after_it(pages: Pages) -> None:
    marked = f"<w:tc><w:p><w:r><w:lastRenderedPageBreak/><w:t>b</w:t></w:r></w:p></w:tc>{cell('c')}"
    body = f"<w:tbl>{row(cell('a'))}{row(marked)}{row(cell('d'))}</w:tbl>"
    assert [page.text for page in pages(make_docx(body))] == ["a\nb | c", "d"]


def test_notes_and_comments_follow_the_paragraph_that_refers_to_them(pages: Pages) -> None:
    notes = word_part(
        "footnotes",
        f'<w:footnote w:id="1">{paragraph("See runbook.")}</w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Never used.")}</w:footnote>',
    )
    comments = word_part("comments", f'<w:comment w:id="1" w:author="Ana">{paragraph("Why?")}</w:comment>')
    commented = '<w:tc><w:p><w:r><w:t>x</w:t><w:commentReference w:id="1"/></w:r></w:p></w:tc>'
    body = (
        "<w:p><w:r><w:t>Disk full</w:t></w:r><w:r><w:footnoteReference w:id='1'/></w:r></w:p>"
        f"<w:tbl>{row(commented)}</w:tbl>" + paragraph("End.")
    )
    data = make_docx(
        body, {"word/f.xml": notes, "word/c.xml": comments}, footnotes="f.xml", comments="/word/c.xml"
    )
    assert pages(data)[0].text == "Disk full\n\nSee runbook.\n\nx Ana: Why?\n\nEnd.\n\nNever used."


def test_headers_and_footers_come_last_and_damage_in_one_costs_no_more_than_that(pages: Pages) -> None:
    extra = {"word/h.xml": word_part("hdr", paragraph("Secret")), "word/f.xml": "<w:ftr><"}
    data = make_docx(paragraph("Body."), extra, header="h.xml", footer="f.xml")
    assert pages(data)[0].text == "Body.\n\nSecret"


def test_a_text_box_is_read_once_and_what_was_moved_or_deleted_is_not(pages: Pages) -> None:
    box = f"<w:txbxContent>{paragraph('In a box.')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t>Around it.</w:t></w:r></w:p>"
        "<w:p><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        "<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    assert pages(make_docx(body))[0].text == "In a box.\n\nAround it."


def test_tabulators_line_ends_and_hyphens_are_kept(pages: Pages) -> None:
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="99"/></w:tabs></w:pPr>'
        "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t>"
        "<w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d&#173;e</w:t></w:r></w:p>"
    )
    assert pages(make_docx(body))[0].text == "a\tb\nc-de"


def test_a_strict_document_reads_like_any_other(pages: Pages) -> None:
    base = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    part = f'<x:document xmlns:x="strict"><x:body>{paragraph("Strict.")}</x:body></x:document>'
    part = part.replace("w:", "x:")
    assert pages(package("word/other.xml", {"word/other.xml": part}, base=base))[0].text == "Strict."


def test_of_a_long_document_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(
        make_docx(f"<w:tbl>{row(cell('x' * 30), '<w:tc>' + paragraph('y' * 300_000))}</w:tc></w:tbl>")
    )
    reading = read(Source(tmp_path / "long", "docx", Limits(characters=20)))
    page = next(reading.pages)
    assert page.text.startswith("x" * 30)
    assert len(page.text) < 100_000
    with pytest.raises(LimitReached, match="only its first 20 characters were read"):
        next(reading.pages)


def test_what_stands_before_the_damage_is_kept(tmp_path: Path) -> None:
    first = paragraph("Before.") + f"<w:p><w:r>{BREAK}</w:r></w:p>"
    body = first + paragraph("After." * 100_000) + "<broken"
    (tmp_path / "broken").write_bytes(make_docx(body))
    reading = read(Source(tmp_path / "broken", "docx", Limits()))
    assert next(reading.pages).text == "Before."
    with pytest.raises(LimitReached, match="the rest of it is damaged and missing"):
        list(reading.pages)


def test_relations_outside_the_package_and_twice_the_same_are_no_parts(pages: Pages) -> None:
    rels = relations({"a": "header h.xml", "b": "header h.xml", "c": "header ../../../etc/passwd"})
    rels = rels.replace(
        "</Rel", '<Relationship Id="d" Type="t/header" TargetMode="External" Target="h.xml"/></Rel'
    )
    data = make_docx(
        paragraph("Body."),
        {"word/_rels/document.xml.rels": rels, "word/h.xml": word_part("hdr", paragraph("Head."))},
    )
    assert pages(data)[0].text == "Body.\n\nHead."
