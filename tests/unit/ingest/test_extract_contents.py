from __future__ import annotations

from pathlib import Path

import pytest
from support.office import make_docx, make_opendocument, make_pptx, make_xlsx, make_zip, paragraph

from bot.errors import FileRejected
from bot.ingest.extract.contents import look
from bot.ingest.extract.limits import Limits


def looked(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "whatever.it.is.called"
    path.write_bytes(data)
    return look(path, Limits())


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("docx", make_docx(paragraph("Text."))),
        ("pptx", make_pptx({})),
        ("xlsx", make_xlsx({})),
        ("odt", make_opendocument("text", "")),
        ("odt", make_opendocument("presentation", "")),
        ("ods", make_opendocument("spreadsheet", "")),
    ],
)
def test_the_parts_of_an_archive_tell_its_kind(tmp_path: Path, kind: str, data: bytes) -> None:
    assert looked(tmp_path, data) == kind


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("zip", {"photo.png": "x"}),
        ("zip", {"word/letter.docx": "x"}),
        ("zip", {"[Content_Types].xml": "x"}),
        ("zip", {"content.xml": "x"}),
        ("xlsb", {"[Content_Types].xml": "x", "xl/workbook.bin": "x"}),
    ],
)
def test_folders_alone_make_no_office_file(tmp_path: Path, kind: str, members: dict[str, str]) -> None:
    assert looked(tmp_path, make_zip(members)) == kind


@pytest.mark.parametrize(
    ("code", "member"), [("binary", "META-INF/MANIFEST.MF"), ("unsupported", "Index/Document.iwa")]
)
def test_archives_that_are_no_documents_are_refused(tmp_path: Path, code: str, member: str) -> None:
    with pytest.raises(FileRejected) as rejected:
        looked(tmp_path, make_zip({member: "x"}))
    assert rejected.value.code == code
