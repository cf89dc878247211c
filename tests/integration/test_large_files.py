"""Files that are only large, made on the spot: each ends quickly, and its child reads the next one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import FileRejected
from bot.ingest.extract.pool import ChildPool

MARK = "ZEBRA-QUARTZ-7731"


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def one_line(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"x1b" * 333_333)


def many_members(path: Path) -> None:
    """100,000 directory records of one empty member; a whole archive of so many takes a second to write."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "")
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    path.write_bytes(data[:start] + data[start:end] * 100_000 + data[end:])


def picture_in_a_notebook(path: Path) -> None:
    cell = {
        "cell_type": "code",
        "source": [f"print('{MARK}')"],
        "outputs": [{"data": {"image/png": "A" * 20_000_000}}],
    }
    path.write_text(json.dumps({"nbformat": 4, "cells": [cell]}))


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (one_line, "a.log", "only its first 5,000,000 characters were read"),
        (many_members, "a.zip", "unpacked it is larger than I read"),
        (picture_in_a_notebook, "a.ipynb", None),
    ],
)
async def test_a_large_file_is_read_as_far_as_it_goes_or_refused(
    make: Callable[[Path], None], name: str, said: str | None, tmp_path: Path
) -> None:
    path, after = tmp_path / name, tmp_path / "next.txt"
    make(path)
    after.write_text("Disk full.")
    async with ChildPool(1) as pool:
        try:
            extraction = await pool.extract(path, name, "", ignore)
            found = extraction.partial
        except FileRejected as rejected:
            found = rejected.public_message
        children = pool.pids
        assert (await pool.extract(after, "next.txt", "", ignore)).chunks[0].text == "Disk full."
        assert pool.pids == children
    assert found == said or (said and found and found.startswith(said))
