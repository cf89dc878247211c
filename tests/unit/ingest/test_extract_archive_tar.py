from __future__ import annotations

import gzip
import struct
import tarfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pdf import make_pdf

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.archive_tar import read_gzip, read_tar
from bot.ingest.extract.limits import MIB, LimitReached, Limits
from bot.ingest.extract.reading import Source

LOG = b"ERROR disk full on svc-payments-7\n"


def make_tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, BytesIO(data))
        for kind in (tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            member = tarfile.TarInfo("not-a-file")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    return out.getvalue()


def read_all(data: bytes, depth: int = 0, limits: Limits | None = None) -> tuple[list[Page], str | None]:
    """Pages, and what is missing."""
    reader = read_gzip if data.startswith(b"\x1f\x8b") else read_tar
    pages = []
    try:
        pages.extend(reader(Source(data, "", limits or Limits(), depth)).pages)
    except LimitReached as limit:
        return pages, str(limit)
    return pages, None


def refused(data: bytes, depth: int = 0, limits: Limits | None = None) -> FileRejected:
    with pytest.raises(FileRejected) as rejected:
        read_all(data, depth, limits)
    return rejected.value


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_each_file_is_read_as_what_it_is_and_nothing_but_files(form: int, packed: bool) -> None:
    members = {"../logs/Größe.log": LOG, "report.pdf": make_pdf(["Disk full."]), ".hidden/x": b"x"}
    archive = make_tar(members, form)
    pages, missing = read_all(gzip.compress(archive) if packed else archive)
    assert [(page.number, page.label, page.kind) for page in pages] == [
        (1, "logs/Größe.log", "log"),
        (2, "report.pdf", "pdf"),
    ]
    assert missing is None


def test_a_packed_log_is_read_under_the_name_that_it_had() -> None:
    out = BytesIO()
    with gzip.GzipFile("app.log", "wb", fileobj=out) as file:
        file.write(LOG)
    (page,), _ = read_all(out.getvalue())
    assert (page.label, page.text, page.kind) == ("app.log", LOG.decode(), "log")


def test_a_packed_file_without_a_name_is_read_by_its_bytes() -> None:
    (page,), _ = read_all(gzip.compress(make_pdf(["Disk full."])))
    assert (page.label, page.text) == ("a file without a name", "Disk full.")


@pytest.mark.parametrize("data", [make_tar({"a.txt": LOG}), gzip.compress(LOG, mtime=0)])
def test_archives_within_files_stay_closed(data: bytes) -> None:
    assert refused(data, depth=1).code == "nested_archive"


def test_a_bomb_is_refused_before_it_is_whole() -> None:
    assert refused(gzip.compress(bytes(20 * MIB))).code == "too_large"
    assert refused(gzip.compress(LOG * 100), limits=Limits(unzipped_bytes=1_000)).code == "too_large"


def test_more_entries_than_an_honest_archive_has_are_refused() -> None:
    many = make_tar({f"{number}": b"" for number in range(20)})
    assert refused(many, limits=Limits(zip_entries=10)).code == "too_large"


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(LOG, mtime=0)[:-9],
        gzip.compress(LOG, mtime=0)[:11],
        gzip.compress(LOG, mtime=0)[:-8] + bytes(8),
        b"\x1f\x8b",
        bytes(257) + b"ustar" + bytes(250),
        b"junk" * 200,
    ],
)
def test_damage_is_said_to_be_that(data: bytes) -> None:
    assert refused(data).code in {"damaged", "no_text"}


def test_names_that_go_on_in_header_after_header_are_damage() -> None:
    link = tarfile.TarInfo("x")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 512
    endless = (link.tobuf(tarfile.GNU_FORMAT) + bytes(512)) * 3_000
    assert refused(endless).code == "damaged"


def test_of_an_archive_cut_short_the_beginning_is_read_and_that_is_said() -> None:
    pages, missing = read_all(make_tar({"a.txt": LOG, "b.txt": b"word " * 1_000})[:2_560])
    assert [page.label for page in pages] == ["a.txt"]
    assert missing == (
        "2 of 3 members could not be read: b.txt (it is damaged), the rest of it (it is damaged)"
    )


def test_a_file_full_of_holes_is_left_out() -> None:
    sparse = tarfile.TarInfo("holes.txt")
    sparse.type, sparse.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(sparse.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"00000000000\0"
    header[483:495] = b"77777777777\0"
    checksum = sum(header[:148]) + 8 * 32 + sum(header[156:])
    struct.pack_into("8s", header, 148, b"%06o\0 " % checksum)
    assert refused(bytes(header) + make_tar({})).public_message == "it holds no files"


TAR = make_tar({"a.txt": LOG, "b.csv": b"host,state\n"})


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2_500), st.integers(0, 255)), min_size=1, max_size=30))
def test_no_archive_is_too_strange(changes: list[tuple[int, int]]) -> None:
    data = bytearray(TAR)
    for place, value in changes:
        data[place] = value
    try:
        read_all(bytes(data))
    except FileRejected as rejected:
        assert rejected.code  # noqa: PT017 - any verdict will do
