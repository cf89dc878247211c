"""What kind of file a zip archive is: Office files are archives of parts, whatever they are called."""

from __future__ import annotations

from bot.ingest.extract.limits import Limits
from bot.ingest.extract.reading import Content
from bot.ingest.extract.sniff import admitted
from bot.ingest.extract.zip_xml import BROKEN, Package

FOLDERS = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
"""Where the kinds keep their parts."""
SHEETS = b"spreadsheet"


def look(content: Content, limits: Limits) -> str:
    """The kind of an archive, a key of `readers.READERS`. Raises FileRejected for what can't be read."""
    package = Package(content, limits)
    for folder, kind in FOLDERS:
        if any(name.startswith(folder) for name in package.names):
            return kind
    if "content.xml" in package:
        return "ods" if SHEETS in _mimetype(package) else "odt"
    if "META-INF/container.xml" in package:
        return "epub"
    return admitted("archive")


def _mimetype(package: Package) -> bytes:
    """What OpenDocument files say they are."""
    try:
        return next(package.pieces("mimetype"), b"") if "mimetype" in package else b""
    except BROKEN:
        return b""
