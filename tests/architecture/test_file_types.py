"""docs/file-types.md says what the program does."""

from __future__ import annotations

import re

from architecture.rules import REPOSITORY

from bot.ingest.chunk import MAX_CHARS, OVERLAP_CHARS
from bot.ingest.extract.kinds import BY_EXTENSION, UNSUPPORTED
from bot.ingest.extract.limits import MIB, Limits
from bot.ingest.extract.ocr import MAX_LANGUAGES
from bot.ingest.extract.readers import READERS
from bot.settings import Settings

PAGE = (REPOSITORY / "docs" / "file-types.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The cells of a section's table by the first in each row."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return {first.strip("`"): others for first, *others in table[2:]}


def numbers_in(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,.]*", text)]


def test_each_kind_of_file_is_described_with_all_its_names() -> None:
    described = {kind: set(cells[0].split()) for kind, cells in rows("Kinds of files").items()}
    assert set(described) == set(READERS) | set(UNSUPPORTED)
    assert described == {
        kind: {ending for ending, means in BY_EXTENSION.items() if means == kind} for kind in described
    }


def test_the_limits_are_the_programs() -> None:
    limits = Limits()
    said = {name: numbers_in(cells[0]) for name, cells in rows("Limits").items()}
    assert said == {
        "size": [Settings().max_file_mb],
        "pages": [limits.pages],
        "characters": [limits.characters / 1e6],
        "memory": [limits.memory_bytes / MIB],
        "CPU time": [limits.document_cpu_s, limits.extra_page_cpu_s, limits.total_cpu_s, limits.page_cpu_s],
        "CPU time for recognising text in pictures, besides": [
            limits.ocr_cpu_s,
            60,
            100,
            limits.ocr_page_cpu_s,
        ],
        "time by the clock": [limits.wall_s],
        "pixels of a picture": [limits.image_pixels / 1e6],
        "unpacked size of an archive or Office file": [
            limits.unzipped_bytes / MIB,
            limits.zip_entries,
            limits.zip_ratio,
        ],
        "depth of XML": [limits.xml_depth],
    }


def test_the_size_of_passages_is_the_programs() -> None:
    assert f"At most {MAX_CHARS:,} characters, of which about {OVERLAP_CHARS} repeat" in PAGE
    assert MAX_LANGUAGES == 6
    assert "at most six" in PAGE
