"""OLE files, Microsoft's container of before 2007: what is in one, and its streams within limits.

olefile reads them (pure Python, BSD). It trusts some figures of the header, so those are checked first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import olefile

from bot.errors import FileRejected
from bot.ingest.extract.limits import MIB
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Content, opened

HEADER = struct.Struct("<30xHH10xL16xL")
"""The sector sizes as powers of two, and how many sectors the two allocation tables take (MS-CFB 2.2)."""
SECTOR_SHIFTS = (9, 12)
MINI_SECTOR_SHIFT = 6
MAX_STREAM_BYTES = 100 * MIB
BROKEN = (
    *(ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError),
    struct.error,
)
"""What olefile raises on damage; a directory whose tree is a list is too deep for it."""
ENCRYPTED_FLAG = 0x0100
"""In the flags of a Word document (MS-DOC 2.5.2, fEncrypted)."""
ENCRYPTED_TOKEN = 0xF3D1C4DF
"""What the current user of an encrypted presentation begins with (MS-PPT 2.3.2)."""
MAIL = "__properties_version1.0"
WORKBOOKS = ("Workbook", "Book")
WORD = "WordDocument"
LEGACY = {
    WORD: ("a Word document", "DOCX or PDF"),
    "PowerPoint Document": ("a PowerPoint presentation", "PPTX or PDF"),
    "VisioDocument": ("a Visio drawing", "PDF"),
}
"""By their main stream: what they are, and what we could read instead."""
NOT_A_DOCUMENT = ("binary", "it is a program or a database, not a document", "Share a document instead.")


@contextmanager
def open_ole(content: Content) -> Iterator[olefile.OleFileIO]:
    """Raises FileRejected for damage, also where it shows only while the streams are read."""
    try:
        with opened(content) as file:
            size = file.seek(0, 2)
            file.seek(0)
            _check(file.read(512), size)
            file.seek(0)
            with olefile.OleFileIO(file) as ole:
                if ole.root.size > size:
                    raise FileRejected(*DAMAGED)
                yield ole
    except BROKEN:
        raise FileRejected(*DAMAGED) from None


def stream(ole: olefile.OleFileIO, name: str, most: int = MAX_STREAM_BYTES) -> bytes:
    """A stream's bytes; none when it isn't there. Raises FileRejected or one of BROKEN when it can't be."""
    if not ole.exists(name):
        return b""
    size = ole.get_size(name)
    if size > min(most, ole._filesize):  # noqa: SLF001 - it reads as much as it is told to
        raise FileRejected(*DAMAGED)
    with ole.openstream(name) as opened_stream:
        return bytes(opened_stream.read())


def look(content: Content) -> str:
    """The kind of an OLE file, `msg` or `xls`. Raises FileRejected for all else, with the reason."""
    with open_ole(content) as ole:
        if ole.exists("EncryptedPackage") or ole.exists("EncryptionInfo"):
            raise FileRejected(*ENCRYPTED)
        if ole.exists(MAIL):
            return "msg"
        if any(ole.exists(name) for name in WORKBOOKS):
            return "xls"
        raise _refused(ole)


def _refused(ole: olefile.OleFileIO) -> FileRejected:
    found = next((name for name in LEGACY if ole.exists(name)), None)
    if found is None:
        return FileRejected(*NOT_A_DOCUMENT)
    if _encrypted(ole, found):
        return FileRejected(*ENCRYPTED)
    what, newer = LEGACY[found]
    return FileRejected(
        "legacy_office", f"it is {what} in the format of before 2007", f"Save it as {newer} and share that."
    )


def _encrypted(ole: olefile.OleFileIO, main: str) -> bool:
    if main == WORD:
        flags = int.from_bytes(stream(ole, WORD)[10:12], "little")
        return bool(flags & ENCRYPTED_FLAG)
    token = int.from_bytes(stream(ole, "Current User")[12:16], "little")
    return token == ENCRYPTED_TOKEN or ole.exists("EncryptedSummary")


def _check(header: bytes, size: int) -> None:
    """Raises FileRejected for figures that no file of this size has."""
    if len(header) < HEADER.size:
        raise FileRejected(*DAMAGED)
    shift, mini_shift, fat, mini_fat = HEADER.unpack_from(header)
    sizes = shift in SECTOR_SHIFTS and mini_shift == MINI_SECTOR_SHIFT
    if not sizes or max(fat, mini_fat) > size >> shift:
        raise FileRejected(*DAMAGED)
