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


def test_an_archive_of_anything_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="archives aren't supported yet"):
        looked(tmp_path, make_zip({"photo.png": "x"}))
