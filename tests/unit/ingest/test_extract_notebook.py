from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.notebook import MAX_BYTES, read
from bot.ingest.extract.reading import Reading, Source


def opened(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Reading:
    path = tmp_path / "book.ipynb"
    path.write_bytes(data)
    return read(Source(path, "ipynb", limits or Limits()))


def notebook(*cells: object) -> bytes:
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def test_notes_code_and_what_it_printed_are_read_and_pictures_are_not(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "text": ["ok\n", "done\n"]},
        {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}},
        {"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m", 7]},
        {"output_type": "display_data", "data": 1},
    ]
    data = notebook(
        {"cell_type": "markdown", "source": ["# Outage\n", "Disk full."]},
        {"cell_type": "code", "source": "print(1)", "outputs": outputs},
    )
    (page,) = opened(tmp_path, data).pages
    assert page.text == (
        "# Outage\nDisk full.\n\n```\nprint(1)\n```\n\n```\nok\ndone\n```\n\n```\n<Figure>\n```"
        "\n\n```\nValueError\n```"
    )


def test_the_old_format_is_read(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "input": ["x = 1"], "outputs": [{"text": "1"}]}]
    (page,) = opened(tmp_path, json.dumps({"worksheets": [{"cells": cells}]}).encode()).pages
    assert page.text == "```\nx = 1\n```\n\n```\n1\n```"


@pytest.mark.parametrize("data", [b"[]", b"3", b'{"cells": 1}', notebook(7, {"source": 1, "outputs": [2]})])
def test_what_holds_no_cells_has_no_text(tmp_path: Path, data: bytes) -> None:
    assert list(opened(tmp_path, data).pages) == []


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileRejected) as rejected:
        opened(tmp_path, data)
    assert rejected.value.code == "damaged"


def test_a_huge_one_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(FileRejected) as rejected:
        read(Source(path, "ipynb", Limits()))
    assert rejected.value.code == "too_large"


def test_of_a_long_one_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    data = notebook(*[{"cell_type": "markdown", "source": "word " * 9}] * 9)
    pages = opened(tmp_path, data, Limits(characters=50)).pages
    assert len(next(pages).text) < 200
    with pytest.raises(LimitReached, match="only its first 50 characters"):
        next(pages)
