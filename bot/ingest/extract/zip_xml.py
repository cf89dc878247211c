"""Zip archives of XML, as Office, OpenDocument and EPUB files are, read piece by piece and within limits."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import MIB, LimitReached, Limits
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Content, opened

PIECE_BYTES = 64 * 1024
SCAN_BYTES = 4 * MIB
CENTRAL_RECORD = b"PK\x01\x02"
ENCRYPTED_FLAG = 1
SMALL_BYTES = MIB
"""Below this, no ratio is suspicious: an empty form is nearly all repetition."""
TOO_LARGE = (
    "too_large",
    "unpacked it is larger than I read, or made to overload its reader",
    "Share the part that matters, or save it as PDF.",
)
BROKEN = (
    *(BadZipFile, EOFError, NotImplementedError, OSError, ValueError, struct.error, zlib.error),
    *(expat.ExpatError, LookupError),
)
"""What zipfile and expat raise on damage, the last for encodings that aren't any. A `RuntimeError` for
passwords can't come: flags are checked."""


class Package:
    """An open archive. Whatever is read from it counts against one budget of unpacked bytes."""

    def __init__(self, content: Content, limits: Limits) -> None:
        """Raises FileRejected when it isn't a whole zip archive, or has more entries than is honest."""
        self._zip = open_zip(content, limits)
        self._members = {_key(member.filename): member for member in self._zip.infolist()}
        self._left = limits.unzipped_bytes
        self._ratio = limits.zip_ratio
        self.depth = limits.xml_depth

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    @property
    def names(self) -> list[str]:
        """All members in lower case, in the archive's order."""
        return list(self._members)

    @property
    def members(self) -> list[ZipInfo]:
        """All members, those of one name each, in the archive's order."""
        return self._zip.infolist()

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member's bytes. Raises FileRejected for bombs and passwords, one of BROKEN for damage."""
        return self._pieces(self._members[_key(name)])

    def read_member(self, member: ZipInfo) -> bytes:
        """All of a member; raises as `pieces` does."""
        return b"".join(self._pieces(member))

    def _pieces(self, member: ZipInfo) -> Iterator[bytes]:
        self._admit(member)
        with self._zip.open(member) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def read(self, name: str) -> bytes:
        """All of a member; raises as `pieces` does."""
        return b"".join(self.pieces(name))

    def _admit(self, member: ZipInfo) -> None:
        """Take a member from the budget. Its stated size is trusted: zipfile reads no more than that."""
        if member.flag_bits & ENCRYPTED_FLAG:
            raise FileRejected(*ENCRYPTED)
        bomb = member.file_size > max(SMALL_BYTES, self._ratio * member.compress_size)
        if bomb or member.file_size > self._left:
            raise FileRejected(*TOO_LARGE)
        self._left -= member.file_size


def _key(name: str) -> str:
    """How a member is looked up: in Office files case makes no difference (ECMA-376 part 2, 6.2.2.3)."""
    return name.replace("\\", "/").lstrip("/").lower()


def open_zip(content: Content, limits: Limits) -> ZipFile:
    """Raises FileRejected when it isn't a whole zip archive, or has more entries than is honest."""
    if _entries(content) > limits.zip_entries:
        raise FileRejected(*TOO_LARGE)
    try:
        return ZipFile(BytesIO(content) if isinstance(content, bytes) else content)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None


def _entries(content: Content) -> int:
    """How often a directory record begins in the file, whatever the directory claims its length to be.

    zipfile loads the whole directory before anybody can ask for its length.
    """
    found = 0
    with opened(content) as file:
        while piece := file.read(SCAN_BYTES):
            found += piece.count(CENTRAL_RECORD)
    return found


class Handler:
    """What `parse` calls, with names without prefixes: transitional and strict files differ in these."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Character data, in pieces."""


def parse(package: Package, name: str, handler: Handler) -> Iterator[None]:
    """Parse a member, yielding after each piece so that pages can leave as they are done.

    Raises expat.ExpatError for damage, FileRejected for what only attacks hold: a document type with
    declarations (entities come from there) and extreme depth. External entities are never resolved.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    depth = 0
    local: dict[str, str] = {}

    def start(qualified: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > package.depth:
            raise FileRejected(*DAMAGED)
        name = local.get(qualified)
        if name is None:
            name = local[qualified] = qualified.rpartition(":")[2]
        handler.start(name, attributes)

    def end(qualified: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(local[qualified])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    for piece in package.pieces(name):
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def parse_all(package: Package, name: str, handler: Handler) -> None:
    """Parse a member at once; one that isn't there gives nothing. Raises as `parse` does."""
    if name in package:
        for _ in parse(package, name, handler):
            pass


def value(attributes: dict[str, str], name: str) -> str:
    """An attribute by its name without prefix, or an empty text."""
    for qualified, found in attributes.items():
        if qualified.rpartition(":")[2] == name:
            return found
    return ""


def salvaged(pages: Iterator[Page]) -> Iterator[Page]:
    """Pages of a damaged file up to the damage. Raises FileRejected when there are none before it."""
    given = False
    try:
        for page in pages:
            yield page
            given = True
    except BROKEN:
        if given:
            raise LimitReached("the rest of it is damaged and missing") from None
        raise FileRejected(*DAMAGED) from None
    except FileRejected as rejected:
        if given:
            raise LimitReached(f"some of it is missing: {rejected.public_message}") from None
        raise


def _refuse_declarations(_name: str, _system: str | None, _public: str | None, declarations: int) -> None:
    if declarations:
        raise FileRejected(*DAMAGED)
