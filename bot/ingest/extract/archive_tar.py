"""Tar archives and gzip files: unpacked in memory within limits, then read as the members of a zip are."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from functools import partial
from io import BytesIO

from bot.errors import FileRejected
from bot.ingest.extract.archive import reading_of, refuse_nested, shown, wanted
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.parts import Part, damaged
from bot.ingest.extract.reading import DAMAGED, Reading, Source
from bot.ingest.extract.zip_xml import SMALL_BYTES, TOO_LARGE

BROKEN = (
    *(tarfile.TarError, ArithmeticError, EOFError, LookupError, OSError, RecursionError, ValueError),
    zlib.error,
)
"""What tarfile and gzip raise on damage; names that go on in header after header are too deep for it."""
TAR_MARK, TAR_MARK_PLACE = b"ustar", 257
HAS_EXTRA, HAS_NAME = 4, 8
NAME_WITHIN = 1_000
HEADER_BYTES = 10


def read_tar(source: Source) -> Reading:
    """Raises FileRejected for an archive without files, one in another file, or one made to overload."""
    refuse_nested(source)
    return _tar(source.read(), source)


def read_gzip(source: Source) -> Reading:
    """The tar archive or the one file that is packed. Raises FileRejected as `read_tar` does."""
    refuse_nested(source)
    data = _unpacked(source)
    if data.startswith(TAR_MARK, TAR_MARK_PLACE):
        return _tar(data, source)
    return reading_of([Part(_name(source), "", lambda: data)], source)


def _tar(data: bytes, source: Source) -> Reading:
    try:
        archive = tarfile.open(fileobj=BytesIO(data), mode="r:")  # noqa: SIM115 - it holds memory alone
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    members, whole = _members(archive, source.limits)
    files = [(shown(member.name), member) for member in members if member.isreg() and not member.issparse()]
    parts = [Part(name, "", partial(_load, archive, member)) for name, member in files if wanted(name)]
    return reading_of(parts if whole else [*parts, Part("the rest of it", "", _missing)], source)


def _members(archive: tarfile.TarFile, limits: Limits) -> tuple[list[tarfile.TarInfo], bool]:
    """The entries, and whether they are all. Raises FileRejected for more of them than is honest."""
    members = []
    try:
        for member in archive:
            members.append(member)
            if len(members) > limits.zip_entries:
                raise FileRejected(*TOO_LARGE)
    except BROKEN:
        return members, False
    return members, True


def _missing() -> bytes:
    raise damaged()


def _load(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    try:
        file = archive.extractfile(member)
        return file.read() if file else b""
    except BROKEN:
        raise damaged() from None


def _unpacked(source: Source) -> bytes:
    """All of a gzip file. Raises FileRejected for damage and for bombs."""
    limits = source.limits
    most = min(limits.unzipped_bytes, max(SMALL_BYTES, limits.zip_ratio * source.size))
    try:
        with source.open() as packed, gzip.open(packed) as file:
            data = file.read(most + 1)
    except BROKEN:
        raise FileRejected(*DAMAGED) from None
    if len(data) > most:
        raise FileRejected(*TOO_LARGE)
    return data


def _name(source: Source) -> str:
    """What the file was called before it was packed (RFC 1952 2.3); "" when it isn't said."""
    with source.open() as file:
        header = file.read(NAME_WITHIN)
    if not header[3] & HAS_NAME or header[3] & HAS_EXTRA:
        return ""
    return header[HEADER_BYTES:].split(b"\0", 1)[0].decode("latin-1")
