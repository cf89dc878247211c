"""Zip archives through the real child: members as pages, and every way that one of them can be bad."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from support.office import make_docx, make_xlsx, make_zip, paragraph
from support.pdf import make_pdf

from bot.domain import Extraction
from bot.errors import FileRejected
from bot.ingest.extract.limits import MIB, Limits
from bot.ingest.extract.pool import ChildPool

SECRET = "it is password-protected"


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
async def pool() -> AsyncIterator[ChildPool]:
    async with ChildPool(1) as children:
        yield children


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "all.zip"


async def read(pool: ChildPool, path: Path, data: bytes) -> Extraction:
    path.write_bytes(data)
    return await pool.extract(path, path.name, "", ignore)


async def refused(pool: ChildPool, path: Path, data: bytes) -> FileRejected:
    with pytest.raises(FileRejected) as caught:
        await read(pool, path, data)
    return caught.value


def stored(members: dict[str, bytes]) -> bytearray:
    """An archive whose members are not packed."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bytearray(out.getvalue())


def encrypted(archive: bytes) -> bytes:
    """The same with the flag that says so set on every member."""
    data = bytearray(archive)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(magic)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(magic, place + 4)
    return bytes(data)


async def test_each_member_is_read_as_what_it_is_and_its_pages_name_it(pool: ChildPool, path: Path) -> None:
    cells = '<row><c t="str"><v>host</v></c><c t="str"><v>state</v></c></row>'
    archive = make_zip(
        {
            "docs/": "",
            "docs/report.pdf": make_pdf(["Disk full.", "Second page."]),
            "docs/letter.docx": make_docx(paragraph("Dear Ana.")),
            "costs.xlsx": make_xlsx({"Q1": cells}),
            "app.log": "ERROR svc-payments-7\n",
        }
    )
    extraction = await read(pool, path, archive)
    assert [(c.page, c.label, c.heading, c.text) for c in extraction.chunks] == [
        (1, "docs/report.pdf", "docs/report.pdf", "Disk full."),
        (2, "docs/report.pdf, p. 2", "docs/report.pdf", "Second page."),
        (3, "docs/letter.docx", "docs/letter.docx", "Dear Ana."),
        (4, "costs.xlsx, Q1", "costs.xlsx: host | state", "host | state"),
        (5, "app.log", "app.log", "ERROR svc-payments-7"),
    ]
    assert (extraction.pages, extraction.partial) == (5, None)


async def test_each_member_is_cut_as_its_kind_is(pool: ChildPool, path: Path) -> None:
    extraction = await read(pool, path, make_zip({"table.csv": "host,state\n" + "svc-7,disk full\n" * 200}))
    assert len(extraction.chunks) > 2
    assert all(chunk.text.endswith("full") for chunk in extraction.chunks)
    assert {chunk.heading for chunk in extraction.chunks} == {"table.csv: host,state"}


async def test_members_that_can_not_be_read_are_named_with_the_reason(pool: ChildPool, path: Path) -> None:
    archive = make_zip(
        {
            "notes.txt": "Disk full.",
            "clip.mp4": b"\0\0\0\x18ftypmp42" + bytes(99),
            "scan.pdf": make_pdf([""]),
            "inner.zip": make_zip({"deep.txt": "Never read."}),
        }
    )
    extraction = await read(pool, path, archive)
    assert [chunk.text for chunk in extraction.chunks] == ["Disk full."]
    head, _, reasons = (extraction.partial or "").partition(": ")
    assert head == "3 of 4 members could not be read"
    assert "clip.mp4 (audio and video files aren't supported yet)" in reasons
    assert "scan.pdf (no text found: it looks like a scan" in reasons
    assert "inner.zip (it is an archive within another file)" in reasons


async def test_a_hundred_bad_members_make_one_sentence(pool: ChildPool, path: Path) -> None:
    bad = {f"{'long-' * 30}{n}.bin": bytes(999) for n in range(100)}
    extraction = await read(pool, path, make_zip({"notes.txt": "Disk full.", **bad}))
    assert extraction.partial
    assert extraction.partial.startswith("100 of 101 members could not be read: …")
    assert extraction.partial.endswith(" more")
    assert len(extraction.partial) < 500


async def test_what_systems_leave_behind_is_no_member(pool: ChildPool, path: Path) -> None:
    junk = ("__MACOSX/._a.txt", ".DS_Store", "docs/.git/config", "Thumbs.db", "~$letter.docx")
    extraction = await read(pool, path, make_zip({"a.txt": "Disk full.", **dict.fromkeys(junk, "junk")}))
    assert [chunk.text for chunk in extraction.chunks] == ["Disk full."]
    assert extraction.partial is None


async def test_a_name_that_climbs_out_is_only_a_label(pool: ChildPool, path: Path) -> None:
    names = ("../../etc/passwd.txt", "/abs/x.txt", "..\\..\\w.txt", "ok.txt")
    extraction = await read(pool, path, make_zip(dict.fromkeys(names, "Disk full.")))
    assert [chunk.label for chunk in extraction.chunks] == ["etc/passwd.txt", "abs/x.txt", "w.txt", "ok.txt"]


async def test_names_are_read_as_the_utf8_that_they_mostly_are(pool: ChildPool, path: Path) -> None:
    archive = make_zip({"Größe.txt": "Disk full."})
    unflagged = archive.replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00")
    assert unflagged != archive
    assert (await read(pool, path, unflagged)).chunks[0].label == "Größe.txt"


async def test_a_member_with_a_wrong_checksum_costs_itself(pool: ChildPool, path: Path) -> None:
    archive = stored({"good.txt": b"Disk full.", "bad.txt": b"Checksummed."})
    archive[archive.index(b"Checksummed.")] ^= 1
    extraction = await read(pool, path, bytes(archive))
    assert [chunk.label for chunk in extraction.chunks] == ["good.txt"]
    assert extraction.partial == "1 of 2 members could not be read: bad.txt (it is damaged)"


async def test_encrypted_members_are_named_and_all_of_them_are_a_password(
    pool: ChildPool, path: Path
) -> None:
    secret = encrypted(make_zip({"secret.txt": "Disk full."}))
    error = await refused(pool, path, secret)
    assert (error.code, error.public_message) == ("encrypted", SECRET)
    archive = make_zip({"open.txt": "Disk full.", "secret.txt": "x"}).replace(b"PK", b"XX")
    place = archive.rindex(b"XX\x01\x02")
    mixed = bytearray(archive.replace(b"XX", b"PK"))
    mixed[place + 8] |= 1
    extraction = await read(pool, path, bytes(mixed))
    assert extraction.partial == f"1 of 2 members could not be read: secret.txt ({SECRET})"


@pytest.mark.parametrize(
    ("members", "words"),
    [({}, "it holds no files"), ({"folder/": ""}, "it holds no files"), ({"a.txt": " "}, "no text in it")],
)
async def test_an_archive_without_text_is_refused(
    pool: ChildPool, path: Path, members: dict[str, str], words: str
) -> None:
    error = await refused(pool, path, make_zip(members))
    assert error.code == "no_text"
    assert words in error.public_message


async def test_members_that_share_their_bytes_are_refused(pool: ChildPool, path: Path) -> None:
    archive = stored({"one.txt": b"Disk full. " * 99, "two.txt": b"Disk full. " * 99})
    place = archive.rindex(b"PK\x01\x02")
    archive[place + 42 : place + 46] = bytes(4)  # both begin at the first member's local header
    error = await refused(pool, path, bytes(archive))
    assert (error.code, "overload" in error.public_message) == ("too_large", True)


async def test_a_bomb_among_the_members_is_named_and_the_others_are_read(pool: ChildPool, path: Path) -> None:
    archive = make_zip({"bomb.txt": bytes(20 * MIB), "good.txt": "Disk full."})
    extraction = await read(pool, path, archive)
    assert [chunk.label for chunk in extraction.chunks] == ["good.txt"]
    assert "bomb.txt (unpacked it is larger than I read" in (extraction.partial or "")


async def test_more_entries_than_an_honest_archive_has_are_refused(pool: ChildPool, path: Path) -> None:
    many = stored({f"{number}": b"" for number in range(5_001)})
    assert (await refused(pool, path, bytes(many))).code == "too_large"


async def test_of_many_members_the_first_are_read_and_that_is_said(pool: ChildPool, path: Path) -> None:
    extraction = await read(pool, path, make_zip({f"{n:03}.txt": f"Disk {n}." for n in range(300)}))
    assert extraction.pages == 200
    assert extraction.partial == "only 200 of 300 members were read"


async def test_that_members_were_left_out_is_said_however_many_could_not_be_read(
    pool: ChildPool, path: Path
) -> None:
    bad = {f"{'long-' * 30}{n}.bin": bytes(999) for n in range(300)}
    extraction = await read(pool, path, make_zip({"notes.txt": "Disk full.", **bad}))
    assert extraction.partial
    assert extraction.partial.startswith("199 of 301 members could not be read: …")
    assert extraction.partial.endswith(" more; only 200 of 301 members were read")


async def test_members_share_the_limit_on_characters(path: Path) -> None:
    archive = make_zip({"a.txt": "word " * 30, "b.txt": "word " * 30, "c.txt": "word " * 30})
    async with ChildPool(1, limits=Limits(characters=200)) as pool:
        extraction = await read(pool, path, archive)
    assert sum(len(chunk.text) for chunk in extraction.chunks) <= 200
    assert "only 2 of 3 members were read" in (extraction.partial or "")


async def test_a_member_that_kills_its_child_costs_itself_alone(path: Path) -> None:
    lists = b"[" + b"[1]," * 2_000_000 + b"0]"
    archive = stored({"a.txt": b"Before.", "huge.ipynb": lists, "b.txt": b"After."})
    async with ChildPool(1, limits=Limits(memory_bytes=200 * MIB)) as pool:
        extraction = await read(pool, path, bytes(archive))
    assert [(chunk.page, chunk.text) for chunk in extraction.chunks] == [(1, "Before."), (2, "After.")]
    assert extraction.partial == "1 of 3 members could not be read: huge.ipynb (its reader failed on it)"
