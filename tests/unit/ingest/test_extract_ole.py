from __future__ import annotations

import struct
from pathlib import Path

import pytest
from support.ole import make_msg, make_ole

from bot.errors import FileRejected
from bot.ingest.extract.contents import kind_of
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.ole import Ole

DATA = Path(__file__).parents[4] / "shared" / "data"
REAL = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test documents are not here")
PASSWORD = "it is password-protected"
LARGE = 3 * 1024 * 1024


def refused(data: bytes | Path, name: str = "a.doc") -> FileRejected:
    with pytest.raises(FileRejected) as rejected:
        kind_of(data, name, "", Limits())
    return rejected.value


def word(flags: int) -> bytes:
    return bytes(10) + struct.pack("<H", flags) + bytes(5_000)


def test_an_outlook_message_is_one_whatever_it_is_called() -> None:
    assert kind_of(make_msg({0x0037: "s"}), "mail.doc", "", Limits()) == "msg"


@pytest.mark.parametrize(
    "streams",
    [
        {"EncryptionInfo": b"x", "EncryptedPackage": b"x"},
        {"Filler": bytes(LARGE), "EncryptedPackage": bytes(LARGE)},
        {"WordDocument": word(0x0100)},
        {"PowerPoint Document": b"x", "Current User": bytes(12) + struct.pack("<L", 0xF3D1C4DF)},
        {"PowerPoint Document": b"x", "EncryptedSummary": b"x"},
    ],
)
def test_a_password_is_found_wherever_its_format_notes_it(streams: dict[str, bytes]) -> None:
    rejected = refused(make_ole(streams), "a.docx")
    assert (rejected.code, rejected.public_message) == ("encrypted", PASSWORD)
    assert rejected.advice == "Remove the password and share it again."


@pytest.mark.parametrize(
    ("streams", "code", "message", "advice"),
    [
        ({"WordDocument": word(0)}, "legacy_office", "a Word document", "DOCX"),
        ({"PowerPoint Document": b"x", "Current User": b""}, "legacy_office", "a PowerPoint", "PPTX"),
        ({"VisioDocument": b"x"}, "legacy_office", "a Visio drawing", "PDF"),
        ({"Catalog": b"x"}, "binary", "a program or a database", "I read PDF"),
    ],
)
def test_what_is_not_read_is_refused_with_what_to_save_it_as(
    streams: dict[str, bytes], code: str, message: str, advice: str
) -> None:
    rejected = refused(make_ole(streams))
    assert rejected.code == code
    assert message in rejected.public_message
    assert advice in rejected.advice


def broken(**changes: int) -> bytes:
    """A file with some figures of its header changed."""
    places = {"shift": (30, "H"), "mini_shift": (32, "H"), "tables": (44, "L"), "directory": (48, "L")}
    data = bytearray(make_ole({"WordDocument": word(0), "small": b"x"}))
    for name, value in changes.items():
        place, form = places[name]
        struct.pack_into(f"<{form}", data, place, value)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        broken(shift=60),
        broken(mini_shift=60),
        broken(tables=2**31),
        broken(directory=2**31),
        broken()[:600],
        broken()[:512],
        broken()[:20],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    ],
)
def test_figures_that_no_honest_file_has_are_damage(data: bytes) -> None:
    assert refused(data).code == "damaged"


def directory_of(data: bytes) -> int:
    """Where the directory begins."""
    return 512 * (1 + struct.unpack_from("<L", data, 48)[0])


def test_a_directory_that_leads_back_to_itself_ends() -> None:
    data = bytearray(make_ole({f"stream{n}": b"x" for n in range(8)}))
    start = directory_of(data)
    for entry in range(1, 9):
        struct.pack_into("<LLL", data, start + 128 * entry + 68, 1, (entry + 1) % 8, 0)
    assert refused(bytes(data)).code in {"binary", "damaged"}


def test_a_directory_as_deep_as_it_is_long_is_damage() -> None:
    assert refused(make_ole({f"stream{n}": b"" for n in range(1_500)})).code == "damaged"


def test_a_stream_that_says_it_is_larger_than_its_file_is_damage() -> None:
    data = bytearray(make_ole({"WordDocument": word(0)}))
    struct.pack_into("<L", data, directory_of(data) + 128 + 120, 2**31)
    assert refused(bytes(data)).code == "damaged"


def test_a_chain_of_sectors_without_end_gives_no_more_than_its_size() -> None:
    data = bytearray(make_ole({"a": b"x" * 5_000}))
    table = len(data) - 512
    struct.pack_into("<L", data, table, 0)  # the first sector follows itself
    with Ole(bytes(data)) as ole:
        assert len(ole.read("a")) == 5_000


@REAL
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("files/special__testEXCEL_protected_passtika.xlsx", "encrypted"),
        ("hostile/password.docx", "encrypted"),
        ("files/special__duplicate-paragraphs.doc", "legacy_office"),
    ],
)
def test_real_files_are_refused_for_what_they_are(name: str, code: str) -> None:
    assert refused(DATA / name).code == code
