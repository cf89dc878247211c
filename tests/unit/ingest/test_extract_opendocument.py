from __future__ import annotations

from pathlib import Path

import pytest
from support.office import make_opendocument, make_zip

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.opendocument import read
from bot.ingest.extract.reading import Reading, Source


def opened(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Reading:
    path = tmp_path / "file.odt"
    path.write_bytes(data)
    return read(Source(path, "odt", limits or Limits()))


def cell(text: str, repeated: str = "1") -> str:
    inner = f"<text:p>{text}</text:p>"
    return f'<table:table-cell table:number-columns-repeated="{repeated}">{inner}</table:table-cell>'


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def test_a_text_keeps_headings_lists_tables_and_notes(tmp_path: Path) -> None:
    note = "<text:note><text:note-citation>1</text:note-citation><text:p>A note.</text:p></text:note>"
    inner = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Cause</text:h>'
        f"<text:p>Disk<text:s/><text:span>full</text:span><text:tab/>x<text:line-break/>y{note}</text:p>"
        "<text:list><text:list-item><text:p>a</text:p></text:list-item>"
        "<text:list-item><text:p>b</text:p></text:list-item></text:list>"
        f"<table:table>{row(cell('host'), cell('state'))}</table:table>"
    )
    (page,) = opened(tmp_path, make_opendocument("text", inner)).pages
    assert page.text == "## Cause\n\nA note.\n\nDisk full\tx\ny\n\na\nb\n\nhost | state"


def test_a_text_has_the_pages_that_its_writer_saw_and_headers_at_its_end(tmp_path: Path) -> None:
    inner = "<text:p>One<text:soft-page-break/> and.</text:p><text:p>Two.</text:p>"
    footer = "<text:p>no</text:p><style:footer><text:p>Foot</text:p></style:footer>"
    styles = f'<a xmlns:style="s" xmlns:text="t">{footer}</a>'
    pages = opened(tmp_path, make_opendocument("text", inner, {"styles.xml": styles})).pages
    assert [page.text for page in pages] == ["One and.", "Two.\n\nFoot"]


def test_sheets_are_pages_with_names_and_header_rows(tmp_path: Path) -> None:
    inner = (
        f'<table:table table:name="Nodes">{row(cell("Disks"))}{row(cell("host"), cell("state"))}'
        f"{row(cell('svc-7'), cell('', '3'), cell('full'))}{row(cell('', '16000'))}</table:table>"
        '<table:table table:name="Empty"/>'
    )
    assert list(opened(tmp_path, make_opendocument("spreadsheet", inner)).pages) == [
        Page(1, "Disks\nhost | state\nsvc-7 |  |  |  | full", "Nodes", "host | state"),
        Page(2, "", "Empty"),
    ]


def test_slides_are_pages_with_their_notes(tmp_path: Path) -> None:
    inner = (
        '<draw:page draw:name="page1"><text:p>Outage</text:p><text:p>Disk full.</text:p>'
        "<presentation:notes><text:p>Say why.</text:p></presentation:notes></draw:page>"
    )
    (page,) = opened(tmp_path, make_opendocument("presentation", inner)).pages
    assert (page.heading, page.text) == ("Outage", "Outage\n\nDisk full.\n\nNotes:\n\nSay why.")


@pytest.mark.parametrize("kind", ["text", "spreadsheet"])
def test_of_a_long_one_the_beginning_is_read_and_that_is_said(tmp_path: Path, kind: str) -> None:
    inner = f'<table:table table:name="S">{row(cell("x" * 300_000))}</table:table>'
    pages = opened(tmp_path, make_opendocument(kind, inner), Limits(characters=20)).pages
    assert next(pages).text.startswith("x" * 20)
    with pytest.raises(LimitReached, match="only its first 20 characters"):
        next(pages)


def test_one_with_a_password_is_refused_for_that(tmp_path: Path) -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    with pytest.raises(FileRejected) as rejected:
        opened(tmp_path, make_opendocument("text", "", {"META-INF/manifest.xml": manifest}))
    assert rejected.value.code == "encrypted"


@pytest.mark.parametrize(
    "members", [{"mimetype": "x"}, {"content.xml": "<a/>", "META-INF/manifest.xml": "<"}]
)
def test_a_damaged_one_is_refused(tmp_path: Path, members: dict[str, str]) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(tmp_path, make_zip(members))
    assert rejected.value.code == "damaged"
