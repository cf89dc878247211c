"""Real and hostile documents through the real children. Needs the shared data next to the repository."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.likeness import similarity

from bot.errors import ExtractionInterrupted, FileRejected
from bot.ingest.chunk import chunk
from bot.ingest.extract import pdf
from bot.ingest.extract.kinds import BY_EXTENSION, UNSUPPORTED
from bot.ingest.extract.limits import Limits
from bot.ingest.extract.pool import ChildPool
from bot.ingest.extract.reading import Source

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test documents are not here")
NEXT = "files/txt__fake-text.txt"
MISREAD = frozenset({"rtf__testRTFJapanese.rtf"})
"""The words that the manifest expects here are Shift JIS read as Western: the text holds none of them."""
LIMITS = Limits(characters=1_500_000)
"""Less than real, to save time."""
CUT_AT_CHARACTERS = 400


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def manifest(folder: str) -> list[dict[str, Any]]:
    path = DATA / folder / "manifest.json"
    entries = json.loads(path.read_text()) if path.is_file() else []
    return [entry for entry in entries if (DATA / folder / entry["file"]).is_file()]


async def outcome(pool: ChildPool, path: Path) -> tuple[str, str, float]:
    """The code of a refusal or "text", the text, and the seconds it took."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        extraction = await pool.extract(path, path.name, "", ignore)
    except (FileRejected, ExtractionInterrupted) as error:
        spoken = error.public_message and error.advice.endswith(".")
        return error.code if spoken else "nothing said", "", loop.time() - started
    return "text", "\n".join(chunk.text for chunk in extraction.chunks), loop.time() - started


def complaints(entry: dict[str, Any], code: str, text: str, seconds: float) -> list[str]:
    """What is wrong with the verdict on a file, by its manifest."""
    wrong = []
    expected, _, reason = entry["expect"].partition(":")
    if code == "unsupported":
        suffix = Path(entry["file"]).suffix.removeprefix(".")
        return [] if BY_EXTENSION.get(suffix) in UNSUPPORTED else ["unsupported"]
    if seconds > entry.get("max_s", 20):
        wrong.append(f"took {seconds:.0f} s")
    if expected == "text" and code != "text":
        wrong.append(f"no text: {code}")
    if expected in {"error", "empty"} and code == "text":
        wrong.append("text where none is expected")
    reason = entry.get("reason") or reason
    if reason and code != reason:
        wrong.append(f"{code} instead of {reason}")
    if code == "text":
        words = [] if entry["file"] in MISREAD else entry.get("words", [])
        required = entry.get("must_contain", []) + words
        wrong += [f"{word} is missing" for word in required if word not in text]
        wrong += [f"{word!r} is there" for word in entry.get("must_not_contain", []) if word in text]
    return wrong


async def test_every_document_ends_in_the_expected_verdict() -> None:
    entries = manifest("files")
    slots = asyncio.Semaphore(2)  # the time that a file waits for a child isn't its own

    async def in_turn(entry: dict[str, Any]) -> list[str]:
        async with slots:
            return complaints(entry, *await outcome(pool, DATA / "files" / entry["file"]))

    async with ChildPool(2, limits=LIMITS) as pool:
        wrong = await asyncio.gather(*map(in_turn, entries))
    assert {entry["file"]: found for entry, found in zip(entries, wrong, strict=True) if found} == {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ChildPool]:
    """One child for all hostile files, unless one ends it."""
    async with ChildPool(1, limits=LIMITS) as pool:
        yield pool


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("entry", manifest("hostile"), ids=lambda entry: entry["file"])
async def test_a_hostile_file_ends_in_its_time_with_a_reason_and_the_next_one_is_read(
    pool: ChildPool, entry: dict[str, Any]
) -> None:
    result = await outcome(pool, DATA / "hostile" / entry["file"])
    code, text, _ = await outcome(pool, DATA / NEXT)
    assert complaints(entry, *result) == []
    assert (code, "unit" in text) == ("text", True)


@pytest.mark.parametrize(("name", "pages"), [("wp_latex1", 300), ("wp_lo1", 67)])
def test_real_pdfs_give_their_exact_text(name: str, pages: int) -> None:
    folder = DATA / "files" / "ground_truth"
    reading = pdf.read(Source(folder / f"{name}.pdf", "pdf", Limits()))
    read = list(reading.pages)
    assert reading.total == len(read) == pages
    exact = (folder / f"{name}.gt.txt").read_text()
    assert similarity("\n".join(page.text for page in read), exact) > 0.99


def test_real_prose_is_cut_at_words_into_well_filled_chunks() -> None:
    path = DATA / "files" / "ground_truth" / "wp_latex1.pdf"
    pages = {page.number: page for page in pdf.read(Source(path, "pdf", Limits())).pages}
    chunks = list(chunk(pages.values()))
    for each in chunks:
        before, after = pages[each.page].text[: each.start][-1:], pages[each.page].text[each.end :][:1]
        assert not (before + after).strip()
    assert sum(len(each.text) for each in chunks) / len(chunks) > 2 * CUT_AT_CHARACTERS
