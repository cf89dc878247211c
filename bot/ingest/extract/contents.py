"""What kind of file a container is: Office files are archives or OLE files, whatever they are called."""

from __future__ import annotations

from bot.ingest.extract.limits import Limits
from bot.ingest.extract.reading import Content, opened
from bot.ingest.extract.sniff import HEAD_BYTES, admitted, sniff
from bot.ingest.extract.zip_xml import BROKEN, Package

PARTS = (("word/", "docx"), ("ppt/", "pptx"), ("xl/workbook.bin", "xlsb"), ("xl/", "xlsx"))
"""What the kinds of Office files hold."""
OFFICE = "[Content_Types].xml"
SHEETS = b"spreadsheet"
MANIFEST = "META-INF/manifest.xml"
JAVA = "META-INF/MANIFEST.MF"


def kind_of(content: Content, name: str, mimetype: str, limits: Limits) -> str:
    """The kind of a file, a key of `readers.READERS`. Raises FileRejected for what can't be read."""
    with opened(content) as file:
        kind = sniff(file.read(HEAD_BYTES), name, mimetype)
    if kind == "zip":
        return look(content, limits)
    if kind == "ole":
        from bot.ingest.extract import ole  # noqa: PLC0415 - a library that most children never need

        return ole.look(content)
    return kind


def look(content: Content, limits: Limits) -> str:
    """The kind of a zip archive. Raises FileRejected for what can't be read."""
    package = Package(content, limits)
    if OFFICE in package:
        found = (kind for part, kind in PARTS if any(name.startswith(part) for name in package.names))
        return next(found, "zip")
    if "content.xml" in package and ("mimetype" in package or MANIFEST in package):
        return "ods" if SHEETS in _mimetype(package) else "odt"
    if "META-INF/container.xml" in package:
        return "epub"
    if JAVA in package or any(name.endswith(".iwa") for name in package.names):
        return admitted("binary" if JAVA in package else "iwork")
    return "zip"


def _mimetype(package: Package) -> bytes:
    """What OpenDocument files say they are."""
    try:
        return next(package.pieces("mimetype"), b"") if "mimetype" in package else b""
    except BROKEN:
        return b""
