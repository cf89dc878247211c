"""Which reader reads which kind. A kind is one line here and one file; later readers are second chances."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from bot.ingest.extract.reading import Reader, Reading, Source

TEXT = ("text:read",)
READERS: dict[str, tuple[str, ...]] = {
    "pdf": ("pdf:read", "pdf_second:read"),
    "docx": ("docx:read",),
    "pptx": ("pptx:read",),
    "xlsx": ("xlsx:read",),
    "xls": ("xls:read", "calamine:read"),
    "xlsb": ("calamine:read",),
    "odt": ("opendocument:read",),
    "ods": ("opendocument:read",),
    "zip": ("archive:read",),
    "tar": ("archive_tar:read_tar",),
    "gzip": ("archive_tar:read_gzip",),
    "eml": ("mail:read",),
    "msg": ("msg:read",),
    "ipynb": ("notebook:read",),
    "rtf": ("rtf:read",),
    "epub": ("epub:read",),
    "html": ("html:read",),
    "image": ("images:read",),
    "text": TEXT,
    "subtitles": ("subtitles:read",),
    "post": ("slack_post:read",),
    "markdown": TEXT,
    "log": TEXT,
    "code": TEXT,
    "csv": ("text:read_table",),
    "json": TEXT,
    "yaml": TEXT,
}


def readers_of(kind: str) -> list[Reader]:
    """The readers of a kind, best first; each is imported when it is called."""
    return [partial(_read, spec) for spec in READERS[kind]]


def _read(spec: str, source: Source) -> Reading:
    module, name = spec.split(":")
    reader: Reader = getattr(import_module(f"bot.ingest.extract.{module}"), name)
    return reader(source)
