"""The chunker by itself: megabytes a second, on prose and on text that has no good place to be cut.

python benchmarks/chunk.py PDF
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bot.domain import Page
from bot.ingest.chunk import chunk
from bot.ingest.extract import pdf
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.reading import Source


def main(path: Path) -> None:
    texts = [page.text for page in pdf.read(Source(path, "pdf", Limits())).pages]
    samples = {
        "prose by page": texts,
        "prose in one page": ["\n".join(texts)],
        "one word": ["x" * 3_000_000],
        "family of emoji": ["👨\u200d👩\u200d👧" * 300_000],
        "accents": ["a\u0301" * 1_000_000],
    }
    for name, some in samples.items():
        pages = [Page(number, text) for number, text in enumerate(some, start=1)]
        size = sum(len(text.encode()) for text in some) / 1e6
        started = time.process_time()
        count = sum(1 for _ in chunk(pages))
        print(f"{name:20s} {size / (time.process_time() - started):6.0f} MB/s, {count:,} chunks")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
