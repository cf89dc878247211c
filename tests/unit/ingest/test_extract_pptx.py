from __future__ import annotations

from pathlib import Path

import pytest
from support.office import make_pptx, package, relations, shape, slide

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.pptx import read
from bot.ingest.extract.reading import Reading, Source


def reading(tmp_path: Path, data: bytes) -> Reading:
    path = tmp_path / "file.pptx"
    path.write_bytes(data)
    return read(Source(path, "pptx", Limits()))


def test_slides_are_pages_in_the_order_they_are_shown_with_their_titles(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        make_pptx(
            {
                "slide2": slide(shape("Outage", "ctrTitle") + shape("Disk full.")),
                "slide1": slide(shape("9", "sldNum") + shape("No title.")),
            }
        ),
    )
    assert found.total == 2
    assert list(found.pages) == [
        Page(1, "Outage\n\nDisk full.", heading="Outage"),
        Page(2, "No title."),
    ]


def test_notes_diagrams_and_tables_belong_to_their_slide(tmp_path: Path) -> None:
    cell = "<a:tc><a:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></a:txBody></a:tc>"
    table = f"<a:tbl><a:tr>{cell.format('host')}{cell.format('svc-7')}</a:tr></a:tbl>"
    extra = {
        "ppt/slides/_rels/one.xml.rels": relations(
            {"a": "notesSlide ../notesSlides/n.xml", "b": "diagramData ../diagrams/d.xml"}
        ),
        "ppt/notesSlides/n.xml": slide(shape("7", "sldNum") + shape("Say why.", "body")),
        "ppt/diagrams/d.xml": slide(shape("Cause")),
    }
    (page,) = reading(tmp_path, make_pptx({"one": slide(table)}, extra)).pages
    assert page.text == "host | svc-7\n\nCause\n\nNotes: Say why."


def test_the_title_of_a_slide_ends_where_its_shape_does(tmp_path: Path) -> None:
    cell = "<a:tc><a:txBody><a:p><a:r><a:t>host</a:t></a:r></a:p></a:txBody></a:tc>"
    frame = f"<p:graphicFrame><a:tbl><a:tr>{cell}</a:tr></a:tbl></p:graphicFrame>"
    (page,) = reading(tmp_path, make_pptx({"one": slide(shape("Outage", "title") + frame)})).pages
    assert (page.heading, page.text) == ("Outage", "Outage\n\nhost")


def test_slides_before_a_damaged_one_are_kept(tmp_path: Path) -> None:
    pages = reading(tmp_path, make_pptx({"one": slide(shape("Fine.")), "two": "<p:sld><"})).pages
    assert next(pages).text == "Fine."
    with pytest.raises(LimitReached, match="the rest of it is damaged"):
        next(pages)


def test_a_presentation_without_its_main_part_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileRejected) as rejected:
        reading(tmp_path, package("ppt/presentation.xml", {"ppt/slides/slide1.xml": "<a/>"}))
    assert rejected.value.code == "damaged"
