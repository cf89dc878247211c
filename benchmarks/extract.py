"""Extraction in one table: speed against bare loops, what is found, and what the process feels of it.

    python benchmarks/extract.py [--data FOLDER]      # Linux only

`FOLDER` has `files/manifest.json` (documents and words they hold) and `files/ground_truth` (PDF, DOCX, ODT
with their exact text in `.gt.txt`); without it a generated PDF has to do, for speed alone. The bare loops
read pages and throw the text away; ours includes cutting into chunks, the pipe, and the parent's share. CPU
seconds are the scheduler's, so that other load on the machine matters less; wall times need a quiet one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pypdfium2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.likeness import similarity, text_of, word_f1
from support.pdf import make_pdf

from bot.domain import Extraction
from bot.errors import ExtractionInterrupted, FileRejected
from bot.ingest.extract.pool import ChildPool

DATA = Path(__file__).parents[2] / "shared" / "data"
MISREAD = frozenset({"rtf__testRTFJapanese.rtf"})
"""The words that the manifest expects here are Shift JIS read as Western: the text holds none of them."""
ROUNDS, REPEATS = 5, 3
PYPDF_PAGES = 60
"""pypdf is so much slower that a part of the file has to do."""
COPIES = 8
CHILDREN = 2
HEARTBEAT_S = 0.005
IDLE_S = 2.0
CALLS = 200
WORDS = ("disk", "full", "payment", "service", "restarted", "on", "svc-7", "the", "of", "alert", "a", "node")


@dataclass(frozen=True)
class Figure:
    """A line of the table. `aim` is "" where there is none to be met."""

    name: str
    measured: str
    aim: str = ""
    met: bool = True

    @classmethod
    def at_least(cls, name: str, measured: float, aim: float, unit: str = "") -> Figure:
        return cls(name, f"{measured:.2f}{unit}", f"≥ {aim:g}{unit}", measured >= aim)


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


async def read(pool: ChildPool, path: Path) -> Extraction:
    return await pool.extract(path, path.name, "", ignore)


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


async def throughput(path: Path) -> list[Figure]:
    """Pages per CPU second, ours against both bare loops in turn, median of the rounds."""
    ours, bare = [], []
    async with ChildPool(1) as pool:
        await read(pool, path)
        (pid,) = pool.pids
        for _ in range(ROUNDS):
            bare.append(statistics.mean(rate(pdfium_loop, path) for _ in range(REPEATS)))
            before, pages = cpu_s(pid) + time.process_time(), 0
            for _ in range(REPEATS):
                pages += (await read(pool, path)).pages
            ours.append(pages / (cpu_s(pid) + time.process_time() - before))
        slow = statistics.median(rate(pypdf_loop, path) for _ in range(REPEATS))
    fast, total = statistics.median(bare), statistics.median(ours)
    return [
        Figure(f"{path.name}: pages per CPU second", f"{total:,.0f} (PDFium {fast:,.0f}, pypdf {slow:,.0f})"),
        Figure.at_least(f"{path.name}: ours / bare PDFium loop", total / fast, 0.9),
        Figure.at_least(f"{path.name}: ours / bare pypdf loop", total / slow, 10),
    ]


async def wall(path: Path) -> list[Figure]:
    """Several files: two children against one bare loop."""
    started = time.perf_counter()
    for _ in range(COPIES):
        pdfium_loop(path)
    bare = time.perf_counter() - started
    async with ChildPool(CHILDREN) as pool:
        await asyncio.gather(*(read(pool, path) for _ in range(CHILDREN)))
        started = time.perf_counter()
        await asyncio.gather(*(read(pool, path) for _ in range(COPIES)))
        ours = time.perf_counter() - started
    return [Figure.at_least(f"{path.name} x {COPIES}: wall, one bare loop / two children", bare / ours, 1.6)]


async def delays(until: Callable[[], bool]) -> list[float]:
    """How late a heartbeat of 5 ms comes, in ms, ascending."""
    late = []
    while not until():
        before = time.perf_counter()
        await asyncio.sleep(HEARTBEAT_S)
        late.append((time.perf_counter() - before - HEARTBEAT_S) * 1000)
    return sorted(late)


def told(late: Sequence[float]) -> str:
    return f"p99 {late[int(len(late) * 0.99)]:.1f} ms, max {late[-1]:.1f} ms"


async def responsiveness(path: Path) -> list[Figure]:
    """The event loop's delay while two children read eight long files, and what all of it occupies."""
    end = time.perf_counter() + IDLE_S
    idle = await delays(lambda: time.perf_counter() > end)
    async with ChildPool(CHILDREN) as pool:
        reading = asyncio.gather(*(read(pool, path) for _ in range(COPIES)))
        late = await delays(reading.done)
        await reading
        memory = [peak_mb(os.getpid()), *(peak_mb(pid) for pid in pool.pids)]
    shown = " + ".join(f"{each:.0f}" for each in memory)
    return [
        Figure("event loop delay, idle", told(idle)),
        Figure(f"event loop delay while {COPIES} x {path.name} are read", told(late)),
        Figure("peak memory: parent + children, MB", f"{sum(memory):.0f} ({shown})"),
    ]


async def calls(path: Path) -> list[Figure]:
    """Milliseconds for the first file, which starts the child, and for each after it."""
    async with ChildPool(1) as pool:
        times = []
        for _ in range(CALLS):
            started = time.perf_counter()
            await read(pool, path)
            times.append((time.perf_counter() - started) * 1000)
    return [
        Figure("a file of ten bytes", f"first {times[0]:.0f} ms, then {statistics.median(times[1:]):.2f} ms")
    ]


async def words(folder: Path) -> list[Figure]:
    """The share of the manifest's words, which two other tools found, that we find."""
    entries = [entry for entry in json.loads((folder / "manifest.json").read_text()) if entry.get("words")]
    found = total = 0
    async with ChildPool(CHILDREN) as pool:
        for entry in entries:
            path = folder / entry["file"]
            if entry["file"] in MISREAD or not path.is_file():
                continue
            try:
                text = text_of((await read(pool, path)).chunks)
            except (FileRejected, ExtractionInterrupted):
                text = ""
            found += sum(word in text for word in entry["words"])
            total += len(entry["words"])
    name = f"words of the manifest found ({found:,} of {total:,} in {len(entries)} files)"
    return [Figure.at_least(name, 100 * found / total, 98, " %")]


async def likeness(truths: dict[Path, str]) -> list[Figure]:
    """How near what we read is to the exact text of each document."""
    figures = []
    async with ChildPool(1) as pool:
        for path, truth in truths.items():
            text = text_of((await read(pool, path)).chunks)
            like = 100 * similarity(text, truth)
            figures += [
                Figure.at_least(f"{path.name}: characters like the exact text", like, 97, " %"),
                Figure(f"{path.name}: word F1", f"{100 * word_f1(text, truth):.2f} %"),
            ]
    return figures


def exact_texts(folder: Path) -> dict[Path, str]:
    """Documents and what they say: those named as a `.gt.txt` beside them."""
    found = {}
    for truth in sorted(folder.glob("*.gt.txt")):
        name = truth.name.removesuffix(".gt.txt")
        for path in sorted(set(folder.glob(f"{name}.*")) - {truth}):
            found[path] = truth.read_text()
    return found


def measured(data: Path, folder: Path) -> Iterator[list[Figure]]:
    truths = exact_texts(data / "files" / "ground_truth")
    documents = [path for path in truths if path.suffix == ".pdf"]
    if not documents:
        documents = [folder / "generated.pdf"]
        documents[0].write_bytes(generated(300))
    note = folder / "note.txt"
    note.write_text("Disk full.")
    for path in documents:
        yield asyncio.run(throughput(path))
    yield asyncio.run(wall(documents[0]))
    yield asyncio.run(responsiveness(documents[0]))
    yield asyncio.run(calls(note))
    if truths:
        yield asyncio.run(words(data / "files"))
        yield asyncio.run(likeness(truths))


def main(data: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for figures in measured(data, Path(folder)):
            for figure in figures:
                verdict = "" if not figure.aim else "met" if figure.met else "MISSED"
                print(f"{figure.name:66s} {figure.measured:36s} {figure.aim:8s} {verdict}", flush=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--data", type=Path, default=DATA)
    main(arguments.parse_args().data)
