"""Which reader reads which kind. A kind is one line here and one file; later readers are second chances."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from bot.ingest.extract.reading import Reader

TEXT = ("text:read",)
READERS: dict[str, tuple[str, ...]] = {
    "pdf": ("pdf:read", "pdf_second:read"),
    "text": TEXT,
    "markdown": TEXT,
    "log": TEXT,
    "code": TEXT,
    "csv": ("text:read_table",),
    "json": TEXT,
    "yaml": TEXT,
}


def readers_of(kind: str) -> list[Reader]:
    """The readers of a kind, best first, each imported when it is first called."""
    return [_lazy(spec) for spec in READERS[kind]]


def _lazy(spec: str) -> Reader:
    module, name = spec.split(":")
    return lambda source: cast("Reader", getattr(import_module(f"bot.ingest.extract.{module}"), name))(source)
