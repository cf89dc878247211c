"""OLE files, Microsoft's container of before 2007: what is in one, and its streams within limits.

olefile reads them (pure Python, BSD). It trusts some figures in them, so these are checked first.
"""

from __future__ import annotations

import os
import struct
from types import TracebackType
from typing import Self

import olefile

from bot.errors import FileRejected
from bot.ingest.extract.kinds import ADVICE
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


class Ole:
    """An open OLE file, to be used as a context manager. Damage raises FileRejected wherever it shows."""

    def __init__(self, content: Content) -> None:
        self._file = opened(content)
        try:
            self._size = self._file.seek(0, os.SEEK_END)
            self._file.seek(0)
            _check(self._file.read(HEADER.size), self._size)
            self._ole = olefile.OleFileIO(self._file)
            self.paths = [tuple(path) for path in self._ole.listdir(streams=True, storages=True)]
        except (FileRejected, *BROKEN):
            self._file.close()
            raise FileRejected(*DAMAGED) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __contains__(self, path: str) -> bool:
        return bool(self._ole.exists(path))

    def read(self, path: str, most: int = MAX_STREAM_BYTES) -> bytes:
        """A stream; none when there is no such stream."""
        if path not in self:
            return b""
        try:
            # It reads as much as these two sizes say, whatever is there.
            if max(self._ole.get_size(path), self._ole.root.size) > min(most, self._size):
                raise FileRejected(*DAMAGED)
            with self._ole.openstream(path) as stream:
                return bytes(stream.read())
        except BROKEN:
            raise FileRejected(*DAMAGED) from None


def look(content: Content) -> str:
    """The kind of an OLE file, a key of `readers.READERS`. Raises FileRejected for what can't be read."""
    with Ole(content) as ole:
        if "EncryptedPackage" in ole or "EncryptionInfo" in ole:
            raise FileRejected(*ENCRYPTED)
        if MAIL in ole:
            return "msg"
        if any(name in ole for name in WORKBOOKS):
            return "xls"
        raise _refused(ole)


def _refused(ole: Ole) -> FileRejected:
    main = next((name for name in LEGACY if name in ole), None)
    if main is None:
        return FileRejected("binary", "it is a program or a database, not a document", ADVICE)
    if _encrypted(ole, main):
        return FileRejected(*ENCRYPTED)
    what, newer = LEGACY[main]
    return FileRejected(
        "legacy_office", f"it is {what} in the format of before 2007", f"Save it as {newer} and share that."
    )


def _encrypted(ole: Ole, main: str) -> bool:
    if main == WORD:
        return bool(int.from_bytes(ole.read(WORD)[10:12], "little") & ENCRYPTED_FLAG)
    token = int.from_bytes(ole.read("Current User")[12:16], "little")
    return token == ENCRYPTED_TOKEN or "EncryptedSummary" in ole


def _check(header: bytes, size: int) -> None:
    """Raises FileRejected for figures that no file of this size has."""
    if len(header) < HEADER.size:
        raise FileRejected(*DAMAGED)
    shift, mini_shift, table, mini_table = HEADER.unpack(header)
    sizes = shift in SECTOR_SHIFTS and mini_shift == MINI_SECTOR_SHIFT
    if not sizes or max(table, mini_table) > size >> shift:
        raise FileRejected(*DAMAGED)
