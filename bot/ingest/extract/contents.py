"""What kind of file a zip archive is: Office files are archives of parts, whatever they are called."""

from __future__ import annotations

from pathlib import Path

from bot.ingest.extract.limits import Limits
from bot.ingest.extract.sniff import admitted
from bot.ingest.extract.zip_xml import Package

FOLDERS = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"), ("META-INF/", "odt"))
"""Where the kinds keep their parts."""


def look(path: Path, limits: Limits) -> str:
    """The kind of an archive, a key of `readers.READERS`. Raises FileRejected for what can't be read."""
    names = Package(path, limits).names
    for folder, kind in FOLDERS:
        if any(name.startswith(folder) for name in names):
            return admitted(kind)
    return admitted("archive")
