"""The real child: what it reads, what it takes from itself, and when it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.office import make_docx, paragraph
from support.pdf import make_pdf

from bot.domain import Extraction
from bot.errors import ExtractionInterrupted, FileRejected
from bot.ingest.extract.limits import MIB, Limits
from bot.ingest.extract.pool import ChildPool

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems lack some of the limits")
DEADLINE_S = 20.0


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
async def pool() -> AsyncIterator[ChildPool]:
    async with ChildPool(1) as children:
        yield children


async def read(pool: ChildPool, path: Path, data: bytes, mimetype: str = "") -> Extraction:
    path.write_bytes(data)
    return await pool.extract(path, path.name, mimetype, ignore)


async def rejected(pool: ChildPool, path: Path, data: bytes) -> FileRejected:
    with pytest.raises(FileRejected) as caught:
        await read(pool, path, data)
    return caught.value


async def test_a_pdf_becomes_chunks_that_know_their_page(pool: ChildPool, tmp_path: Path) -> None:
    extraction = await read(pool, tmp_path / "a.pdf", make_pdf(["Disk full.", "", "Third page."]))
    assert extraction.pages == 3
    assert extraction.partial is None
    assert [(chunk.page, chunk.text) for chunk in extraction.chunks] == [
        (1, "Disk full."),
        (3, "Third page."),
    ]


async def test_markdown_carries_its_headings(pool: ChildPool, tmp_path: Path) -> None:
    extraction = await read(pool, tmp_path / "a.md", b"# Outage\n\nDisk full.\n")
    assert extraction.chunks[0].heading == "Outage"


async def test_each_chunk_of_a_table_carries_its_header(pool: ChildPool, tmp_path: Path) -> None:
    extraction = await read(pool, tmp_path / "a.csv", b"host,state\n" + b"svc-payments-7,disk full\n" * 200)
    assert len(extraction.chunks) > 2
    assert {chunk.heading for chunk in extraction.chunks} == {"host,state"}
    assert all(chunk.text.endswith("full") for chunk in extraction.chunks)


async def test_a_long_page_comes_in_many_batches_and_stays_in_order(pool: ChildPool, tmp_path: Path) -> None:
    extraction = await read(pool, tmp_path / "a.log", b"2026-11-24 ERROR disk full on svc-7\n" * 20_000)
    assert [chunk.ordinal for chunk in extraction.chunks] == list(range(len(extraction.chunks)))
    assert len(extraction.chunks) > 700


async def test_a_word_document_is_read_whatever_it_is_called_and_carries_its_headings(
    pool: ChildPool, tmp_path: Path
) -> None:
    body = paragraph("Outage", '<w:outlineLvl w:val="0"/>') + paragraph("Disk full.")
    extraction = await read(pool, tmp_path / "renamed.zip", make_docx(body))
    assert [(chunk.heading, chunk.text) for chunk in extraction.chunks] == [
        ("Outage", "# Outage\n\nDisk full.")
    ]


async def test_a_damaged_word_document_is_refused_for_good(pool: ChildPool, tmp_path: Path) -> None:
    assert (await rejected(pool, tmp_path / "a.docx", b"PK\x03\x04")).code == "damaged"


async def test_a_scan_is_refused_with_what_to_do(pool: ChildPool, tmp_path: Path) -> None:
    error = await rejected(pool, tmp_path / "a.pdf", make_pdf(["", ""]))
    assert (error.code, error.public_message) == ("no_text", "no text found: it looks like a scan")
    assert error.advice.startswith("Share a version with a text layer (run OCR on it)")


async def test_a_file_of_spaces_holds_no_text(pool: ChildPool, tmp_path: Path) -> None:
    assert (await rejected(pool, tmp_path / "a.txt", b" \n \n")).code == "no_text"


async def test_an_unsupported_file_is_refused_and_the_next_is_read(pool: ChildPool, tmp_path: Path) -> None:
    assert (await rejected(pool, tmp_path / "a.7z", b"7z\xbc\xaf\x27\x1cpacked")).code == "unsupported"
    assert (await read(pool, tmp_path / "a.txt", b"Disk full.")).chunks[0].text == "Disk full."


async def test_a_damaged_pdf_is_refused_for_good(pool: ChildPool, tmp_path: Path) -> None:
    assert (await rejected(pool, tmp_path / "a.pdf", b"%PDF-1.7\n" + b"junk" * 99)).code == "damaged"


async def test_past_the_page_limit_what_was_read_is_kept(tmp_path: Path) -> None:
    async with ChildPool(1, limits=Limits(pages=2)) as pool:
        extraction = await read(pool, tmp_path / "a.pdf", make_pdf(["One.", "Two.", "Three."]))
    assert [chunk.text for chunk in extraction.chunks] == ["One.", "Two."]
    assert (extraction.pages, extraction.partial) == (2, "only the first 2 of 3 pages were read")


async def test_past_the_character_limit_what_was_read_is_kept(tmp_path: Path) -> None:
    async with ChildPool(1, limits=Limits(characters=9)) as pool:
        extraction = await read(pool, tmp_path / "a.pdf", make_pdf(["Page one.", "Page two."]))
    assert "".join(chunk.text for chunk in extraction.chunks) == "Page one."
    assert extraction.partial == "only its first 9 characters were read"


async def test_past_the_time_of_a_document_what_was_read_is_kept(tmp_path: Path) -> None:
    slow = Limits(document_cpu_s=-1, extra_page_cpu_s=1)
    async with ChildPool(1, limits=slow) as pool:
        error = await rejected(pool, tmp_path / "a.pdf", make_pdf(["One.", "Two."]))
    assert (error.code, "reading took too long" in error.public_message) == ("no_text", True)


async def test_a_file_that_takes_too_much_memory_is_interrupted_and_the_next_is_read(
    tmp_path: Path,
) -> None:
    async with ChildPool(1, limits=Limits(memory_bytes=64 * MIB)) as pool:
        with pytest.raises(ExtractionInterrupted) as interrupted:
            await read(pool, tmp_path / "a.txt", ("😀" * 4_900_000).encode())
        assert interrupted.value.code == "memory"
        assert (await read(pool, tmp_path / "b.txt", b"Disk full.")).chunks


async def test_a_mistake_of_ours_is_logged_by_its_place_and_without_its_words(
    pool: ChildPool, tmp_path: Path
) -> None:
    with capture_logs() as logged, pytest.raises(ExtractionInterrupted) as interrupted:
        await pool.extract(tmp_path / "vanished.txt", "vanished.txt", "", ignore)
    assert interrupted.value.code == "crash"
    assert [entry["event"] for entry in logged] == ["child_died"]
    assert logged[0]["detail"].startswith("FileNotFoundError at ")
    assert "vanished" not in str(logged)


def bombed(bomb: bytes) -> bytes:
    """Two pages, the second with a content stream that unpacks to more than a child may use."""
    stream = zlib.compress(bomb, 9)
    plain = make_pdf(["Disk full.", "x"])
    start = plain.index(b"7 0 obj")
    end = plain.index(b"endobj", start)
    packed = b"7 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\n" % (
        len(stream),
        stream,
    )
    return plain[:start] + packed + plain[end:]


async def test_what_kills_the_first_pdf_reader_is_read_by_the_second(tmp_path: Path) -> None:
    async with ChildPool(1, limits=Limits(memory_bytes=128 * MIB)) as pool:
        extraction = await read(pool, tmp_path / "a.pdf", bombed(b" " * 200 * MIB))
    assert [chunk.text for chunk in extraction.chunks] == ["Disk full."]
    assert extraction.partial == "1 of 2 pages are damaged and missing"


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )


@LINUX
def test_a_child_takes_its_limits_from_itself_for_good() -> None:
    done = run(
        "import json, os, resource as r\n"
        "from bot.ingest.extract.confine import confine\n"
        "from bot.ingest.extract.limits import Limits, OcrTime\n"
        "confine(Limits())\n"
        "names = ('AS', 'NOFILE', 'FSIZE', 'CORE', 'NPROC')\n"
        "print(json.dumps([os.nice(0), {n: r.getrlimit(getattr(r, 'RLIMIT_' + n)) for n in names}]))\n"
    )
    nice, limits = json.loads(done.stdout)
    assert nice >= 10
    assert limits["AS"] == [512 * MIB, 512 * MIB]
    assert limits["NOFILE"] == [64, 64]
    assert limits["FSIZE"] == [MIB, MIB]
    assert limits["CORE"] == limits["NPROC"] == [0, 0]


@LINUX
async def test_a_child_yields_the_processor_to_its_parent(pool: ChildPool, tmp_path: Path) -> None:
    await read(pool, tmp_path / "a.txt", b"Disk full.")
    (pid,) = pool.pids
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
    assert os.getsid(pid) == pid, "Ctrl-C in our terminal must not end it"
    autogroup = Path(f"/proc/{pid}/autogroup")
    assert not autogroup.exists() or autogroup.read_text().endswith("nice 10\n")


@LINUX
def test_an_endless_page_is_ended_by_its_cpu_limit() -> None:
    done = run(
        "from bot.ingest.extract.confine import CpuBudget\n"
        "from bot.ingest.extract.limits import Limits, OcrTime\n"
        "CpuBudget(Limits(page_cpu_s=1), OcrTime())\n"
        "while True: pass\n"
    )
    assert done.returncode == -signal.SIGXCPU


PARENT = """
import asyncio, sys
from pathlib import Path
from bot.ingest.extract.pool import ChildPool

async def ignore(done, total):
    pass

async def main():
    pool = ChildPool(1)
    task = asyncio.create_task(pool.extract(Path(sys.argv[1]), "a.txt", "", ignore))
    while not pool.pids:
        await asyncio.sleep(0.01)
    print(*pool.pids, flush=True)
    await task

asyncio.run(main())
"""
ORPHAN = """
import signal
from bot.ingest.extract.outbox import Outbox

Outbox(1, hang_up=0).begin()
print("busy", flush=True)
signal.pause()
"""


def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def gone(pid: int) -> bool:
    """Whether a process ends within the deadline; one that nobody has waited for yet counts as ended."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.005)
    return False


@LINUX
def test_a_busy_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    pipe = tmp_path / "never-written.txt"
    os.mkfifo(pipe)
    parent = start(PARENT, str(pipe))
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    assert gone(child)


def test_a_child_whose_parent_went_before_it_started_ends_at_once() -> None:
    done = run("import bot.ingest.child as c; c.main(1, c.Limits())")
    assert done.returncode == 1


def test_where_the_system_does_not_end_orphans_a_busy_child_notices_the_hang_up() -> None:
    child = start(ORPHAN)
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"busy\n"
        child.stdin.close()
        assert child.wait(DEADLINE_S) == 1


def test_an_idle_child_ends_with_its_input() -> None:
    child = subprocess.run(
        [sys.executable, "-m", "bot.ingest.child", str(os.getpid()), Limits().to_json()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (child.returncode, child.stdout) == (0, b"")
