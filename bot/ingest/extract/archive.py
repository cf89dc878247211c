"""Zip archives: their members, each read as the kind of file it is. Archives among them stay closed.

Nothing is written to disk, so a member's name is a label and can lead nowhere.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterable
from functools import partial
from zipfile import ZipInfo

from bot.errors import FileRejected
from bot.ingest.extract.parts import Part, Parts, damaged
from bot.ingest.extract.reading import Reading, Source
from bot.ingest.extract.zip_xml import BROKEN, TOO_LARGE, Package

CLOSED = ("nested_archive", "it is an archive within another file", "Share it by itself.")
EMPTY = ("no_text", "it holds no files", "Check the original and share it again.")
JUNK = re.compile(r"(?:^|/)(?:\.[^/]+|__MACOSX|~\$[^/]*|Thumbs\.db|desktop\.ini)(?:/|$)", re.IGNORECASE)
"""What systems and editors leave behind; what is hidden."""
LOCAL_HEADER_BYTES = 30
UTF8_FLAG = 0x800


def read(source: Source) -> Reading:
    """Raises FileRejected for an archive without files, one in another file, or one made to overload."""
    refuse_nested(source)
    package = Package(source.content, source.limits)
    if _overlapping(package.members):
        raise FileRejected(*TOO_LARGE)
    files = [(_name(member), member) for member in package.members if not member.is_dir()]
    members = [Part(name, "", partial(_load, package, member)) for name, member in files if wanted(name)]
    return reading_of(members, source)


def refuse_nested(source: Source) -> None:
    """Raises FileRejected for an archive that is itself a part: archives in archives have no end."""
    if source.depth:
        raise FileRejected(*CLOSED)


def reading_of(members: list[Part], source: Source) -> Reading:
    """The pages of all members. Raises FileRejected when there are none."""
    if not members:
        raise FileRejected(*EMPTY)
    return Reading(0, Parts(source, "members").pages(members))


def wanted(name: str) -> bool:
    """Whether a member, by the path that `shown` gives it, is there for people to read."""
    return not JUNK.search(name)


def shown(name: str) -> str:
    """A member's path without what climbs out of the archive."""
    return posixpath.normpath(posixpath.join("/", name.replace("\\", "/"))).lstrip("/")


def _name(member: ZipInfo) -> str:
    """Its path; UTF-8 where that is what it is, also when its packer didn't say so."""
    name = member.filename
    if not member.flag_bits & UTF8_FLAG:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return shown(name)


def _load(package: Package, member: ZipInfo) -> bytes:
    try:
        return package.read_member(member)
    except BROKEN:
        raise damaged() from None


def _overlapping(members: Iterable[ZipInfo]) -> bool:
    """Whether members share bytes, so that each seems honest while together they are a bomb."""
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + LOCAL_HEADER_BYTES + member.compress_size
    return False
