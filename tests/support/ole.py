"""OLE files made on the spot (MS-CFB): what Outlook messages and old Office files are stored in."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR, MINI_SECTOR, CUTOFF = 512, 64, 4096
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5
UNICODE, BINARY, OBJECT, LONG, TIME = 0x001F, 0x0102, 0x000D, 0x0003, 0x0040
Message = Mapping[int, object]


class _Chain:
    """Sectors of one size and the table that links them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray()
        self.table: list[int] = []

    def add(self, data: bytes) -> int:
        """Store bytes; where they begin."""
        if not data:
            return END
        first = len(self.table)
        count = -(-len(data) // self.size)
        self.data += data.ljust(count * self.size, b"\0")
        self.table += [*range(first + 1, first + count), END]
        return first


def make_ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file of these streams; slashes in their names make storages."""
    big, mini = _Chain(SECTOR), _Chain(MINI_SECTOR)
    entries = [["", "Root Entry", ROOT, 0, 0]]
    folders = {"": 0}
    for path, data in streams.items():
        *parents, name = path.split("/")
        for depth in range(len(parents)):
            folder = "/".join(parents[: depth + 1])
            if folder not in folders:
                folders[folder] = len(entries)
                entries.append(["/".join(parents[:depth]), parents[depth], STORAGE, 0, 0])
        start = (big if len(data) >= CUTOFF else mini).add(data)
        entries.append(["/".join(parents), name, STREAM, start, len(data)])
    entries[0][3:] = [big.add(bytes(mini.data)), len(mini.data)]
    mini_table = big.add(struct.pack(f"<{len(mini.table)}L", *mini.table))
    directory = big.add(_directory(entries))
    tables = 1
    while (len(big.table) + tables) * 4 > tables * SECTOR:
        tables += 1
    first_table = len(big.table)
    table = struct.pack(f"<{first_table}L", *big.table) + struct.pack("<L", TABLE) * tables
    head = struct.pack(
        "<8s16xHHHHH6xLLLLLLLLL",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, 0, CUTOFF),
        *(mini_table, -(-len(mini.table) * 4 // SECTOR), END, 0),
    )
    numbers = [*range(first_table, first_table + tables), *[FREE] * 109][:109]
    table = table.ljust(tables * SECTOR, b"\xff")
    return head + struct.pack("<109L", *numbers) + bytes(big.data) + table


def _directory(entries: list[list]) -> bytes:
    """Siblings stand in a list, each right of the one before; readers don't mind."""
    out = b""
    for number, (_, name, kind, start, size) in enumerate(entries):
        path = "" if number == 0 else "/".join(filter(None, (entries[number][0], name)))
        children = [n for n, e in enumerate(entries) if n and e[0] == path] if kind != STREAM else []
        siblings = [n for n, e in enumerate(entries) if n and e[0] == entries[number][0]] if number else []
        later = [n for n in siblings if n > number]
        wide = f"{name}\0".encode("utf-16-le")
        out += wide.ljust(64, b"\0") + struct.pack(
            "<HBBLLL36xLQ",
            *(len(wide), kind, 1, FREE, later[0] if later else FREE, children[0] if children else FREE),
            *(start, size),
        )
    return out


def make_msg(properties: Message) -> bytes:
    """An Outlook message of these MAPI properties by number.

    Texts, bytes, numbers and moments (as `(ticks,)`) are what they are; a list of dicts is recipients
    (0x0E12) or attachments (0x0E13), in which a dict is a message within.
    """
    return make_ole(_message(properties, "", 32))


def _message(properties: Message, path: str, header: int) -> dict[str, bytes]:
    streams: dict[str, bytes] = {}
    fixed = bytes(header)
    for number, value in properties.items():
        name = f"{path}__substg1.0_{number:04X}"
        if isinstance(value, str):
            streams[f"{name}{UNICODE:04X}"] = value.encode("utf-16-le")
        elif isinstance(value, bytes):
            streams[f"{name}{BINARY:04X}"] = value
        elif isinstance(value, dict):
            streams |= _message(value, f"{name}{OBJECT:04X}/", 24)
        elif isinstance(value, list):
            kind = {0x0E12: "recip", 0x0E13: "attach"}[number]
            for index, each in enumerate(value):
                streams |= _message(each, f"{path}__{kind}_version1.0_#{index:08X}/", 8)
        elif isinstance(value, tuple):
            fixed += struct.pack("<HHLQ", TIME, number, 6, *value)
        else:
            fixed += struct.pack("<HHLLL", LONG, number, 6, value, 0)
    return {f"{path}__properties_version1.0": fixed, **streams}
