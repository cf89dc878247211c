"""What one file may cost. The figures are the ones that held against 121 hostile and 1,311 public files."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Self

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document in a child, and of one child.

    A page may take `page_cpu_s` of CPU; a document `document_cpu_s` plus `extra_page_cpu_s` for every page
    read (so that a long honest document isn't cut short) and never more than `total_cpu_s`. `wall_s` is
    the parent's own limit, loose because a child is nice and the machine may be busy. Recognising text in
    pictures has `ocr_cpu_s` of its own, at one to two and a half seconds a page.
    """

    memory_bytes: int = 512 * MIB
    page_cpu_s: int = 12
    document_cpu_s: float = 10.0
    extra_page_cpu_s: float = 0.02
    total_cpu_s: int = 60
    ocr_page_cpu_s: float = 8.0
    ocr_cpu_s: float = 120.0
    wall_s: float = 300.0
    characters: int = 5_000_000
    pages: int = 5_000
    image_pixels: int = 40_000_000
    ocr_pixels: int = 12_000_000
    unzipped_bytes: int = 200 * MIB
    zip_entries: int = 5_000
    zip_ratio: int = 300
    xml_depth: int = 500
    documents_per_child: int = 200
    child_rss_bytes: int = 300 * MIB

    def to_json(self) -> str:
        """As a child gets them on its command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`; only our own text comes here."""
        return cls(**json.loads(text))


class LimitReached(Exception):
    """A reader stops early and what it gave so far counts; the sentence says what is missing."""


@dataclass(slots=True)
class OcrTime:
    """What recognising text took in one document: CPU seconds, since a moment of the monotonic clock."""

    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)
