"""The pool against children that do everything a child must not do."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain import Extraction
from bot.errors import ExtractionInterrupted, FileRejected, ProviderUnavailable
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.pool import ChildPool

CHILD = """
import json, os, signal, struct, sys, time

def send(*message, text=""):
    head, body = json.dumps(message).encode(), text.encode()
    frame = struct.pack(">II", 4 + len(head) + len(body), len(head)) + head + body
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()

def batch(text="Disk full", ordinal=0, done=1, total=3):
    send("batch", done, total, [[ordinal, done, 0, len(text), None, ""]], text=text)

def fine(text="Disk full"):
    send("opened", 1)
    batch(text)
    send("done", 3, None, 1000)

def read():
    prefix = sys.stdin.buffer.read(4)
    if not prefix:
        sys.exit()
    return json.loads(sys.stdin.buffer.read(struct.unpack(">I", prefix)[0])[4:])

while True:
    request = read()
    does, reader = request["name"], request["reader"]
    if does == "fine":
        fine()
    elif does == "pid":
        fine(str(os.getpid()))
    elif does == "environment":
        fine(" ".join(sorted(os.environ)) + " " + " ".join(os.environ.values())[:500])
    elif does == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif does == "killed for memory":
        os.kill(os.getpid(), signal.SIGKILL)
    elif does == "out of CPU time":
        os.kill(os.getpid(), signal.SIGXCPU)
    elif does == "says out of memory":
        send("memory")
    elif does == "hang":
        signal.pause()
    elif does == "hang after text":
        batch()
        signal.pause()
    elif does == "crash after text":
        batch()
        os.abort()
    elif does == "hang up":
        os.close(1)
        signal.pause()
    elif does == "huge frame":
        sys.stdout.buffer.write(b"\\xff" * 1_000_000)
        sys.stdout.buffer.flush()
        signal.pause()
    elif does == "endless text":
        ordinal = 0
        while True:
            batch("x" * 1000, ordinal)
            ordinal += 1
    elif does == "endless progress":
        while True:
            send("batch", 1, 3, [])
    elif does == "more pages than allowed":
        batch(done=5001)
        signal.pause()
    elif does == "fails":
        send("failed", "KeyError at text.py:7")
    elif does == "wrong order":
        batch(ordinal=5)
        signal.pause()
    elif does == "junk":
        sys.stdout.buffer.write(b"Traceback (most recent call last):")
        sys.stdout.buffer.flush()
        signal.pause()
    elif does == "second reader reads":
        send("opened", 2)
        if reader == 0:
            batch("first")
            os.abort()
        batch("second")
        send("done", 3, None, 1000)
    elif does == "second reader rejects":
        send("opened", 2)
        if reader == 0:
            batch("first")
            os.abort()
        send("rejected", "damaged", "it is damaged", "Save it again.", 1000)
    elif does == "dies in a part":
        send("opened", 1)
        batch("body")
        send("part", 0)
        send("part", 1)
        if not request["deaths"]:
            os.abort()
        if len(request["deaths"]) == 1:
            os.kill(os.getpid(), signal.SIGXCPU)
        batch(f"deaths {request['deaths']} reader {reader}", 1, 2)
        send("done", 3, None, 1000)
    elif does == "dies in every part":
        send("opened", 1)
        batch("body")
        send("part", len(request["deaths"]))
        os.abort()
    elif does == "parts without end":
        while True:
            send("part", 0)
    elif does == "both crash":
        send("opened", 2)
        os.abort()
    elif does == "slow first reader":
        send("opened", 2)
        signal.pause()
    elif does == "grow":
        send("opened", 1)
        batch(str(os.getpid()))
        send("done", 3, None, 400 * 1024 * 1024)
    elif does == "rejected":
        send("rejected", "empty", "the file is empty", "Check it.", 1000)
    elif does == "meet":
        open(request["path"] + str(os.getpid()), "w").close()
        while len([name for name in os.listdir(os.path.dirname(request["path"])) if name[0] == "m"]) < 2:
            time.sleep(0.001)
        fine()
"""
Progress = list[tuple[int, int]]


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def command(tmp_path: Path) -> tuple[str, ...]:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    return (sys.executable, "-S", str(script))


@pytest.fixture
def pool(command: tuple[str, ...]) -> Callable[..., ChildPool]:
    def make(size: int = 1, **limits: float) -> ChildPool:
        return ChildPool(size, limits=Limits(**limits), command=command)  # type: ignore[arg-type]

    return make


async def read(pool: ChildPool, does: str, path: Path = Path("unused")) -> Extraction:
    return await pool.extract(path, does, "", ignore)


async def interrupted(pool: ChildPool, does: str) -> ExtractionInterrupted:
    with pytest.raises(ExtractionInterrupted) as caught:
        await read(pool, does)
    return caught.value


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("does", "code"),
    [
        ("crash", "crash"),
        ("killed for memory", "memory"),
        ("says out of memory", "memory"),
        ("out of CPU time", "timeout"),
        ("hang up", "crash"),
        ("huge frame", "crash"),
        ("junk", "crash"),
        ("wrong order", "crash"),
        ("fails", "crash"),
        ("endless progress", "crash"),
        ("parts without end", "crash"),
        ("more pages than allowed", "crash"),
        ("both crash", "crash"),
    ],
)
async def test_a_child_that_fails_costs_its_file_and_no_other(
    pool: Callable[..., ChildPool], does: str, code: str
) -> None:
    async with pool(wall_s=20) as children:
        error = await interrupted(children, does)
        assert error.code == code
        assert error.public_message
        assert error.advice.endswith(".")
        assert (await read(children, "fine")).chunks[0].text == "Disk full"


async def test_where_memory_is_short_fewer_files_are_read_at_once(pool: Callable[..., ChildPool]) -> None:
    async with pool(4, memory_bytes=2**50) as children:
        await asyncio.gather(*(read(children, "fine") for _ in range(4)))
        assert len(children.pids) == 1


@pytest.mark.parametrize("does", ["hang", "slow first reader"])
async def test_a_child_that_hangs_is_killed_at_the_wall_limit(
    pool: Callable[..., ChildPool], does: str
) -> None:
    async with pool(wall_s=0.3) as children:
        assert (await interrupted(children, does)).code == "timeout"
        assert not children.pids


async def test_text_read_before_a_hang_is_kept_and_what_is_missing_is_said(
    pool: Callable[..., ChildPool],
) -> None:
    async with pool(wall_s=0.3) as children:
        extraction = await read(children, "hang after text")
    assert [chunk.text for chunk in extraction.chunks] == ["Disk full"]
    assert extraction.pages == 1
    assert extraction.partial == "only the first 1 of 3 pages were read: reading it took too long"


async def test_text_read_before_a_crash_is_kept(pool: Callable[..., ChildPool]) -> None:
    async with pool() as children:
        extraction = await read(children, "crash after text")
    assert extraction.partial == "only the first 1 of 3 pages were read: its reader crashed on it"


async def test_a_child_that_never_stops_talking_is_killed(pool: Callable[..., ChildPool]) -> None:
    async with pool(characters=5000) as children:
        extraction = await read(children, "endless text")
        assert len(extraction.chunks) < 50
        assert not children.pids


async def test_where_the_first_reader_dies_the_second_reads_in_a_new_child(
    pool: Callable[..., ChildPool],
) -> None:
    async with pool() as children:
        extraction = await read(children, "second reader reads")
    assert [chunk.text for chunk in extraction.chunks] == ["second"]
    assert extraction.partial is None


async def test_a_child_that_dies_in_a_part_leaves_that_part_to_the_next_with_the_same_reader(
    pool: Callable[..., ChildPool],
) -> None:
    async with pool() as children:
        extraction = await read(children, "dies in a part")
    assert [chunk.text for chunk in extraction.chunks] == ["body", "deaths [1, 1] reader 0"]
    assert extraction.partial is None


async def test_children_that_die_in_part_after_part_are_given_up_and_what_they_read_is_kept(
    pool: Callable[..., ChildPool],
) -> None:
    async with pool() as children:
        extraction = await read(children, "dies in every part")
    assert [chunk.text for chunk in extraction.chunks] == ["body"]
    assert extraction.partial == "only the first 1 of 3 pages were read: its reader crashed on it"


async def test_where_the_second_reader_refuses_the_first_ones_text_is_kept(
    pool: Callable[..., ChildPool],
) -> None:
    async with pool() as children:
        extraction = await read(children, "second reader rejects")
    assert [chunk.text for chunk in extraction.chunks] == ["first"]
    assert extraction.partial


async def test_a_refusal_reaches_the_caller_and_the_child_stays(pool: Callable[..., ChildPool]) -> None:
    async with pool() as children:
        before = (await read(children, "pid")).chunks[0].text
        with pytest.raises(FileRejected) as rejected:
            await read(children, "rejected")
        assert (rejected.value.code, rejected.value.advice) == ("empty", "Check it.")
        assert (await read(children, "pid")).chunks[0].text == before


async def test_progress_is_reported_and_its_time_is_not_the_files(
    pool: Callable[..., ChildPool],
) -> None:
    seen: Progress = []

    async def slow(done: int, total: int) -> None:
        seen.append((done, total))
        await asyncio.sleep(0.6)

    async with pool(wall_s=0.5) as children:
        extraction = await children.extract(Path("unused"), "fine", "", slow)
    assert seen == [(1, 3)]
    assert (extraction.pages, extraction.partial) == (3, None)


async def test_an_error_in_the_progress_report_ends_the_child_and_reaches_the_caller(
    pool: Callable[..., ChildPool],
) -> None:
    async def lost(_done: int, _total: int) -> None:
        raise KeyError("job")

    async with pool() as children:
        with pytest.raises(KeyError):
            await children.extract(Path("unused"), "hang after text", "", lost)
        assert not children.pids
        assert (await read(children, "fine")).chunks


async def test_cancelling_kills_the_child_promptly(pool: Callable[..., ChildPool]) -> None:
    async with pool() as children:
        started = asyncio.Event()

        async def progress(_done: int, _total: int) -> None:
            started.set()

        task = asyncio.create_task(children.extract(Path("unused"), "hang after text", "", progress))
        await started.wait()
        (pid,) = children.pids
        before = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - before < 5
        assert not alive(pid)
        assert (await read(children, "fine")).chunks


async def test_closing_kills_a_busy_child_and_the_caller_may_try_again_later(
    pool: Callable[..., ChildPool],
) -> None:
    children = pool()
    started = asyncio.Event()

    async def progress(_done: int, _total: int) -> None:
        started.set()

    task = asyncio.create_task(children.extract(Path("unused"), "hang after text", "", progress))
    await started.wait()
    (pid,) = children.pids
    await children.close()
    assert not alive(pid)
    with pytest.raises(ProviderUnavailable):
        await task
    with pytest.raises(ProviderUnavailable):
        await read(children, "fine")
    await children.close()


async def test_a_child_that_starts_while_the_pool_closes_is_ended(pool: Callable[..., ChildPool]) -> None:
    children = pool()
    task = asyncio.create_task(read(children, "hang"))
    await asyncio.sleep(0)
    await children.close()
    with pytest.raises(ProviderUnavailable):
        await task
    assert not children.pids


async def test_a_child_that_died_while_it_was_idle_is_not_given_a_file(
    pool: Callable[..., ChildPool],
) -> None:
    async with pool() as children:
        await read(children, "fine")
        (pid,) = children.pids
        os.kill(pid, 9)
        async with asyncio.timeout(5):
            while children.pids:  # noqa: ASYNC110 - a process tells no event of ours that it ended
                await asyncio.sleep(0.001)
        assert (await read(children, "fine")).chunks


async def test_a_child_is_replaced_after_its_share_of_documents(pool: Callable[..., ChildPool]) -> None:
    async with pool(documents_per_child=2) as children:
        pids = [(await read(children, "pid")).chunks[0].text for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_a_child_that_grew_is_replaced(pool: Callable[..., ChildPool]) -> None:
    async with pool() as children:
        grown = (await read(children, "grow")).chunks[0].text
        assert (await read(children, "pid")).chunks[0].text != grown


async def test_as_many_files_as_the_pool_is_large_are_read_at_once(
    pool: Callable[..., ChildPool], tmp_path: Path
) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with pool(2, wall_s=20) as children:
        both = await asyncio.gather(*(read(children, "meet", folder / "m") for _ in range(2)))
        assert all(extraction.chunks for extraction in both)
        await asyncio.gather(*(read(children, "fine") for _ in range(20)))
        assert len(children.pids) == 2


async def test_a_child_sees_no_secret_of_ours(
    pool: Callable[..., ChildPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("ANY_OTHER_VARIABLE", "hunter2")
    async with pool() as children:
        seen = (await read(children, "environment")).chunks[0].text
    assert "PYTHONPATH" in seen
    assert "xoxb-secret" not in seen
    assert "hunter2" not in seen
    assert "SLACK_BOT_TOKEN" not in seen
