"""What every contestant's program shares: its arguments, its embedder, and what it reports.

python CONTESTANT.py PDFS QUESTIONS.json REPORT.json
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.providers.local.embeddings import LocalEmbeddingProvider

Pages = Iterable[tuple[str, int]]
"""(file name, page from 1 on) of chunks, best first; may repeat."""
TOP = 20
"""Chunks that are asked for; ten different pages are judged."""


class Embedder:
    """The same vectors for all, by the same code: WordLlama-256, of unit length."""

    def __init__(self) -> None:
        self._provider = LocalEmbeddingProvider()

    def documents(self, texts: list[str]) -> list[list[float]]:
        return asyncio.run(self._provider.embed_documents(texts)).tolist()

    def question(self, text: str) -> list[float]:
        return self.documents([text])[0]


def cpu_s() -> float:
    """Of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def resident_mb() -> float:
    """Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Report:
    """Filled by a contestant, then written down."""

    def __init__(self) -> None:
        self.folder, self._questions, self._path = map(Path, sys.argv[1:4])
        self.questions: list[str] = json.loads(self._questions.read_text())
        self._found: list[list[tuple[str, int]]] = []
        self._took_ms: list[float] = []
        self._wall, self._cpu = time.perf_counter(), cpu_s()
        self.chunks = 0

    def ingested(self, chunks: int) -> None:
        """Everything can be searched now."""
        self._wall, self._cpu = time.perf_counter() - self._wall, cpu_s() - self._cpu
        self.chunks = chunks

    def answered(self, pages: Pages, took_ms: float) -> None:
        """One question, in the questions' order."""
        self._found.append(list(dict.fromkeys(pages))[:10])
        self._took_ms.append(took_ms)

    def ask(self, search: Callable[[str], Pages]) -> None:
        """All questions, one after another."""
        for question in self.questions:
            started = time.perf_counter()
            pages = search(question)
            self.answered(pages, (time.perf_counter() - started) * 1e3)

    def write(self) -> None:
        """For run.py."""
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures = {
            "chunks": self.chunks,
            "ingest_cpu_s": self._cpu,
            "ingest_wall_s": self._wall,
            "took_ms": self._took_ms,
            "resident_mb": resident_mb(),
            "peak_mb": peak_kb * 1024 / 1e6,
            "found": self._found,
        }
        self._path.write_text(json.dumps(figures))
