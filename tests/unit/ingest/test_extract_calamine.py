from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from support.biff import make_xls, make_xlsb, number, shared
from support.office import make_zip

from bot.domain import Page
from bot.errors import ExtractionInterrupted, FileRejected
from bot.ingest.extract.calamine import read
from bot.ingest.extract.contents import kind_of
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.pool import ChildPool
from bot.ingest.extract.reading import Source, Unreadable

BOOK = make_xlsb("Nodes", [["Disks"], ["host", "free"], ["svc-7", 0.25], ["svc-8", 7]])


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def test_sheets_of_a_binary_workbook_are_pages_with_their_header_rows() -> None:
    assert kind_of(BOOK, "book.xlsx", "", Limits()) == "xlsb"
    reading = read(Source(BOOK, "xlsb", Limits()))
    assert reading.total == 1
    assert list(reading.pages) == [
        Page(1, "Disks\nhost | free\nsvc-7 | 0.25\nsvc-8 | 7", "Nodes", "host | free")
    ]


def test_an_older_workbook_can_be_read_too() -> None:
    data = make_xls({"S": shared(0, 0, 0) + number(0, 1, 3)}, ["host"])
    assert [page.text for page in read(Source(data, "xls", Limits())).pages] == ["host | 3"]


@pytest.mark.parametrize("data", [BOOK[:300], make_zip({"xl/workbook.bin": "junk"}), bytes(99)])
def test_damage_is_said_to_be_that(data: bytes) -> None:
    with pytest.raises(Unreadable) as unreadable:
        list(read(Source(data, "xlsb", Limits())).pages)
    assert unreadable.value.code == "damaged"


def test_of_a_long_sheet_the_beginning_is_read_and_that_is_said() -> None:
    pages = read(Source(make_xlsb("S", [["word " * 9]] * 2_100), "xlsb", Limits(characters=50))).pages
    assert next(pages).text.startswith("word word")
    with pytest.raises(LimitReached, match="only its first 50 characters"):
        next(pages)


async def test_a_damaged_workbook_costs_no_more_than_its_child(tmp_path: Path) -> None:
    """Bytes of a good one changed at random: whatever native code makes of it, the next file is read."""
    chance = random.Random(7)  # noqa: S311 - any changes will do
    async with ChildPool(1) as pool:
        for turn in range(10):
            data = bytearray(make_xls({"S": shared(0, 0, 0)}, ["Disk full"]))
            for _ in range(30):
                data[chance.randrange(512, len(data))] = chance.randrange(256)
            path = tmp_path / f"{turn}.xls"
            path.write_bytes(data)
            with contextlib.suppress(FileRejected, ExtractionInterrupted):
                await pool.extract(path, path.name, "", ignore)
        path.write_bytes(BOOK)
        assert (await pool.extract(path, "a.xlsb", "", ignore)).chunks[0].label == "Nodes"
