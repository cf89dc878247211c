"""Readers: words found and megabytes a CPU second, by kind of file.

    python benchmarks/readers.py FOLDER      # documents and a manifest.json that tells words of each

The manifest is a list of `{"file", "words", "expect"}`; files that expect an error count as verdicts. Each
file is read in this process, without chunking; PDF is measured against others in `extract.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bot.errors import FileRejected
from bot.ingest.extract.contents import kind_of
from bot.ingest.extract.limits import MIB, LimitReached, Limits
from bot.ingest.extract.readers import readers_of
from bot.ingest.extract.reading import Source

LEAST_S = 0.2
"""A file is read again until it took so long, because most take a millisecond."""
LEFT_OUT = "image"
"""Recognising text takes a second and more a picture."""


@dataclass
class Figures:
    files: int = 0
    bytes: int = 0
    cpu_s: float = 0.0
    wanted: int = 0
    found: int = 0


def text_of(path: Path, kind: str) -> str:
    """All that the first reader gives before it stops."""
    texts = []
    try:
        for page in readers_of(kind)[0](Source(path, kind, Limits())).pages:
            texts.append(page.text)  # noqa: PERF401 - what came before an error counts
    except LimitReached:
        pass
    return "\n".join(texts)


def measure(path: Path, words: list[str], by_kind: dict[str, Figures]) -> None:
    try:
        kind = kind_of(path, path.name, "", Limits())
        if kind == LEFT_OUT:
            return
        text = text_of(path, kind)
    except FileRejected as rejected:
        by_kind[f"refused: {rejected.code}"].files += 1
        return
    figures = by_kind[kind]
    started, times = time.process_time(), 0
    while time.process_time() - started < LEAST_S:
        text_of(path, kind)
        times += 1
    figures.cpu_s += (time.process_time() - started) / times
    figures.files += 1
    figures.bytes += path.stat().st_size
    figures.wanted += len(words)
    missing = [word for word in words if word not in text]
    figures.found += len(words) - len(missing)
    if missing:
        print(f"{path.name}: without {', '.join(missing)}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    by_kind: dict[str, Figures] = defaultdict(Figures)
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        measure(folder / entry["file"], entry.get("words", []), by_kind)
    print(f"{'kind':22} files   words found      MB/s")
    for kind, figures in sorted(by_kind.items()):
        words = f"{figures.found:>5} of {figures.wanted:>4}" if figures.wanted else ""
        speed = f"{figures.bytes / MIB / figures.cpu_s:9.1f}" if figures.cpu_s else ""
        print(f"{kind:22} {figures.files:5}  {words:>14} {speed}")


if __name__ == "__main__":
    main()
