"""Extraction: pages per CPU second, the event loop's delay meanwhile, memory, and the chunker by itself.

    python benchmarks/extract.py [PDF...]      # besides a generated PDF of 300 pages; Linux only

The bare loops read pages and throw the text away. Ours includes cutting into chunks, the pipe, and the
parent's share; CPU seconds are the scheduler's, so that other load on the machine matters less.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdf
import pypdfium2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.pdf import make_pdf

from bot.domain import Page
from bot.ingest.chunk import chunk
from bot.ingest.extract.pool import ChildPool

ROUNDS = 5
REPEATS = 3
PYPDF_PAGES = 60
"""pypdf is so much slower that a part of the file has to do."""
COPIES = 8
HEARTBEAT_S = 0.005
LISTEN_S = 3.0
WORDS = ("disk", "full", "payment", "service", "restarted", "on", "svc-7", "the", "of", "alert", "a", "node")


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def generated(pages: int) -> bytes:
    chance = random.Random(7)  # noqa: S311 - any words will do
    texts = ["\n".join(" ".join(chance.choices(WORDS, k=13)) + "." for _ in range(45)) for _ in range(pages)]
    return make_pdf(texts)


def pdfium_loop(path: Path) -> int:
    document = pypdfium2.PdfDocument(path)
    for index in range(len(document)):
        page = document[index]
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    count = len(document)
    document.close()
    return count


def pypdf_loop(path: Path) -> int:
    pages = pypdf.PdfReader(path).pages[:PYPDF_PAGES]
    for page in pages:
        page.extract_text()
    return len(pages)


def cpu_s(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def rate(loop: Callable[[Path], int], path: Path) -> float:
    started = time.process_time()
    pages = loop(path)
    return pages / (time.process_time() - started)


async def throughput(path: Path) -> None:
    """Pages per CPU second, ours against both bare loops in turn, median of the rounds."""
    ours, child_only, bare, slow = [], [], [], []
    async with ChildPool(1) as pool:
        await pool.extract(path, path.name, "", ignore)
        (pid,) = pool.pids
        for _ in range(ROUNDS):
            bare.append(statistics.mean(rate(pdfium_loop, path) for _ in range(REPEATS)))
            child, parent, pages = cpu_s(pid), time.process_time(), 0
            for _ in range(REPEATS):
                pages += (await pool.extract(path, path.name, "", ignore)).pages
            child, parent = cpu_s(pid) - child, time.process_time() - parent
            ours.append(pages / (child + parent))
            child_only.append(pages / child)
        slow = [rate(pypdf_loop, path) for _ in range(2)]
        memory = peak_mb(pid)
    fast, pypdf_rate = statistics.median(bare), statistics.median(slow)
    total, child_rate = statistics.median(ours), statistics.median(child_only)
    print(f"{path.name}: pages per CPU second")
    print(f"  bare PDFium loop {fast:7.0f}    bare pypdf loop {pypdf_rate:7.0f}")
    print(f"  ours             {total:7.0f}    ({child_rate:.0f} by the child's time alone)")
    print(f"  ours / PDFium    {total / fast:7.2f}    ours / pypdf {total / pypdf_rate:7.1f}")
    print(f"  peak memory of the child {memory:.0f} MB")


async def wall(path: Path) -> None:
    """Seconds for several files: two children against one bare loop."""
    started = time.perf_counter()
    for _ in range(COPIES):
        pdfium_loop(path)
    bare = time.perf_counter() - started
    async with ChildPool(2) as pool:
        await asyncio.gather(*(pool.extract(path, path.name, "", ignore) for _ in range(2)))
        started = time.perf_counter()
        await asyncio.gather(*(pool.extract(path, path.name, "", ignore) for _ in range(COPIES)))
        ours = time.perf_counter() - started
    print(f"{path.name}: {COPIES} files, wall: two children {ours:.2f} s, one bare loop {bare:.2f} s")


async def delays(seconds: float) -> list[float]:
    """How late a heartbeat of 5 ms comes, in ms, ascending."""
    late = []
    until = time.perf_counter() + seconds
    while (before := time.perf_counter()) < until:
        await asyncio.sleep(HEARTBEAT_S)
        late.append((time.perf_counter() - before - HEARTBEAT_S) * 1000)
    return sorted(late)


def told(name: str, late: Sequence[float]) -> None:
    p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
    print(f"  {name:40s} p50 {p50:5.2f}   p99 {p99:5.2f}   max {late[-1]:5.2f} ms")


async def responsiveness(path: Path) -> None:
    """The event loop's delay while two children read 300-page files one after the other."""

    async def keep_reading(pool: ChildPool) -> None:
        while True:
            await pool.extract(path, path.name, "", ignore)

    print("event loop delay")
    told("idle", await delays(LISTEN_S))
    async with ChildPool(2) as pool:
        started = time.perf_counter()
        await pool.extract(path, path.name, "", ignore)
        first = time.perf_counter() - started
        for number in (1, 2):
            reading = [asyncio.create_task(keep_reading(pool)) for _ in range(number)]
            told(f"while {number} read {path.name} again and again", await delays(LISTEN_S))
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
    print(f"  memory of the parent, peak {peak_mb(os.getpid()):.0f} MB; first file {first:.2f} s")


async def calls(path: Path) -> None:
    """Milliseconds for the first file, which starts the child, and for each after it."""
    async with ChildPool(1) as pool:
        times = []
        for _ in range(200):
            started = time.perf_counter()
            await pool.extract(path, path.name, "", ignore)
            times.append((time.perf_counter() - started) * 1000)
    print(f"a file of ten bytes: first {times[0]:.0f} ms, then {statistics.median(times[1:]):.2f} ms")


def chunker(path: Path) -> None:
    document = pypdfium2.PdfDocument(path)
    texts = [
        document[index].get_textpage().get_text_range().replace("\r\n", "\n")
        for index in range(len(document))
    ]
    hostile = {
        "one word": "x" * 3_000_000,
        "family of emoji": "👨\u200d👩\u200d👧" * 300_000,
        "accents": "a\u0301" * 1_000_000,
    }
    samples = {
        "prose by page": texts,
        "prose in one page": ["\n".join(texts)],
        **{name: [text] for name, text in hostile.items()},
    }
    print("chunker")
    for name, some in samples.items():
        pages = [Page(number, text) for number, text in enumerate(some, start=1)]
        size = sum(len(text.encode()) for text in some) / 1e6
        started = time.process_time()
        count = sum(1 for _ in chunk(pages))
        print(f"  {name:20s} {size / (time.process_time() - started):6.0f} MB/s, {count} chunks")


async def measure(paths: list[Path], note: Path) -> None:
    for path in paths:
        await throughput(path)
        await wall(path)
    await responsiveness(paths[0])
    await calls(note)
    chunker(paths[0])


def main(paths: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        own, note = Path(folder, "generated-300.pdf"), Path(folder, "note.txt")
        own.write_bytes(generated(300))
        note.write_text("Disk full.")
        asyncio.run(measure([*paths, own], note))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("pdf", nargs="*", type=Path)
    main(arguments.parse_args().pdf)
