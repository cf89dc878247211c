"""Kill -9 at any moment leaves nothing half visible in the embedded index."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from contracts.vector_index import C1, D1, TEAM, chunks_of, document, scope, vectors

from bot.domain import EmbeddingSpace, Query
from bot.providers.local.index import LocalIndex

TESTS = Path(__file__).parents[1]
SPACE = EmbeddingSpace("test", 16)
CHUNKS = 130
"""More than one transaction writes or removes."""
KILLS = 5

WRITER = """
import asyncio, sys
from pathlib import Path
from integration.test_local_index_crashes import write_generations
asyncio.run(write_generations(Path(sys.argv[1]), int(sys.argv[2])))
"""


async def write_generations(path: Path, first: int) -> None:
    """Write, publish, move and delete a document for ever; say what is done after it is done."""
    async with LocalIndex(path, SPACE) as index:
        for generation in range(first, first + 10_000):
            made = chunks_of(*(f"disk {generation} {n}" for n in range(CHUNKS)))
            doc = document(generation=generation)
            await index.write(doc, made, vectors(CHUNKS, SPACE.dimension, generation))
            await index.publish(doc)
            say("published", generation)
            if generation % 5 == 4:
                await index.delete(TEAM, D1)
                say("deleted", generation)


def say(action: str, generation: int) -> None:
    sys.stdout.write(f"{action} {generation}\n")
    sys.stdout.flush()


def killed_after(path: Path, first: int, lines: int, delay_lines: int) -> list[str]:
    """Run the writer, kill it some work after it said so many lines; what it said."""
    command = [sys.executable, "-c", WRITER, str(path), str(first)]
    environment = {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        for _ in range(delay_lines * 10_000):  # somewhere inside the next steps
            pass
        process.kill()
        said += process.stdout.readlines()
    return [line for line in said if line.endswith("\n")]


async def visible(path: Path) -> tuple[set[str], set[str], int]:
    """Chunk ids found by words and by meaning after a restart, and how many chunks are held at all."""
    async with LocalIndex(path, SPACE) as index:
        by_words = await index.keyword(scope(C1), Query("disk"), 1_000)
        by_meaning = await index.dense(scope(C1), vectors(1, SPACE.dimension)[0], 1_000)
        held = (await index.stats()).chunks
    return {c.chunk_id for c in by_words}, {c.chunk_id for c in by_meaning}, held


def all_of(generation: int) -> set[str]:
    return {f"d1:{generation}:{ordinal}" for ordinal in range(CHUNKS)}


def test_after_a_kill_exactly_one_whole_generation_is_visible(tmp_path: Path) -> None:
    path = tmp_path / "fm.db"
    choose = random.Random(5)  # noqa: S311  # repeatable, nothing secret
    first = 1
    for _ in range(KILLS):
        said = killed_after(path, first, choose.randint(1, 6), choose.randint(0, 300))
        action, last = said[-1].split()
        last_generation = int(last)

        by_words, by_meaning, held = asyncio.run(visible(path))

        assert by_words == by_meaning
        if action == "published":
            possible = [all_of(last_generation), all_of(last_generation + 1)]
            if last_generation % 5 == 4:
                possible.append(set())
        else:
            possible = [set(), all_of(last_generation + 1)]
        assert by_words in possible
        assert held <= 2 * CHUNKS  # what is visible, and the one that was being written
        first = last_generation + 2
    with closing(sqlite3.connect(path)) as file:
        file.execute("INSERT INTO index_fts (index_fts) VALUES ('integrity-check')")
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
