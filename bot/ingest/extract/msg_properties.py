"""The properties of Outlook messages (MS-OXMSG): texts, numbers and times by their MAPI numbers."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from bot.ingest.extract.encoding import NotText, decode
from bot.ingest.extract.ole import MAIL, Ole

ENTRY = struct.Struct("<HHL8s")
"""Type, number, flags and value of a property of fixed size."""
HEADER_BYTES = {"message": 32, "embedded": 24, "": 8}
"""What precedes the entries, in the message itself, in one within it, in a recipient or attachment."""
UNICODE, BYTE_TEXT, BINARY, STORAGE = "001F", "001E", "0102", "000D"
LONG, TIME = 0x0003, 0x0040
CODE_PAGES = (0x3FFD, 0x3FDE)
"""Of a message's byte texts: its own, the one that it would have on the Internet."""
MAX_ENTRIES = 10_000
FIRST_DAY = datetime(1601, 1, 1, tzinfo=UTC)
TICKS_PER_MICROSECOND = 10


class Properties:
    """Those of the message, recipient or attachment at `path`, which is empty or ends in a slash."""

    def __init__(self, ole: Ole, path: str = "", kind: str = "", codec: str = "") -> None:
        """`codec` is what byte texts are in where this object doesn't say. Raises FileRejected."""
        self.ole = ole
        self._path = path
        self._fixed: dict[tuple[int, int], bytes] = {}
        data = ole.read(f"{path}{MAIL}")[HEADER_BYTES[kind] :]
        whole = len(data) // ENTRY.size * ENTRY.size
        for of_type, number, _, value in ENTRY.iter_unpack(data[: min(whole, MAX_ENTRIES * ENTRY.size)]):
            self._fixed[number, of_type] = value
        page = next(filter(None, map(self.number, CODE_PAGES)), 0)
        self.codec = f"cp{page}" if page else codec

    def text(self, number: int) -> str:
        """A text; empty when there is none."""
        wide = self.ole.read(self._name(number, UNICODE))
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self.ole.read(self._name(number, BYTE_TEXT)).rstrip(b"\0")
        try:
            return narrow.decode(self.codec or "ascii")
        except (LookupError, UnicodeError):
            pass
        try:
            return decode(narrow)
        except NotText:
            return ""

    def binary(self, number: int) -> bytes:
        """Bytes; none when there is no such property."""
        return self.ole.read(self._name(number, BINARY))

    def storage(self, number: int) -> str:
        """The path of a message within this object, or "" when it isn't one."""
        path = self._name(number, STORAGE)
        return f"{path}/" if f"{path}/{MAIL}" in self.ole else ""

    def number(self, number: int) -> int:
        """A number; 0 when there is none."""
        return int.from_bytes(self._fixed.get((number, LONG), b"")[:4], "little")

    def time(self, number: int) -> datetime | None:
        """A moment, None when there is none or it is no date."""
        ticks = int.from_bytes(self._fixed.get((number, TIME), b""), "little")
        try:
            return FIRST_DAY + timedelta(microseconds=ticks // TICKS_PER_MICROSECOND) if ticks else None
        except OverflowError:
            return None

    def children(self, prefix: str) -> list[str]:
        """The paths of the recipients or attachments of this message."""
        depth = self._path.count("/")
        found = ("/".join(path) + "/" for path in self.ole.paths if len(path) == depth + 1)
        return [path for path in found if path.startswith(f"{self._path}{prefix}")]

    def _name(self, number: int, of_type: str) -> str:
        return f"{self._path}__substg1.0_{number:04X}{of_type}"
