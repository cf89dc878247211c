"""Kill -9 at any moment of re-embedding: searches go on, and in the end each chunk has its one new vector."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from pydantic import SecretStr
from support.cohere_server import CohereServer

from bot import app
from bot.app.providers import DATABASE_NAME
from bot.domain import LOCAL_WORKSPACE
from bot.settings import Settings

FILES, KILLS = 20, 2
NEW = "embed-v4.0-512/512"
RUN = """
import asyncio, gc, sys
gc.disable()  # as `bot.__main__` does: a third sooner
from pathlib import Path
from bot import app
from bot.settings import Settings

async def main():
    async with app.local(Settings.from_environment(data_dir=Path(sys.argv[1]))) as here:
        print("begun", flush=True)
        await here.reembed()
        print("done", flush=True)

asyncio.run(main())
"""


def text_of(number: int) -> str:
    return "\n\n".join(
        f"Part {part} of file {number} is about disk{number}. " + "x " * 300 for part in range(3)
    )


async def process(folder: Path, cohere: CohereServer) -> asyncio.subprocess.Process:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "CO_API_KEY": cohere.key,
        "CO_API_URL": cohere.url,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(folder), env=environment, stdout=asyncio.subprocess.PIPE
    )


async def found_everywhere(settings: Settings, numbers: list[int]) -> None:
    """As `fm search` beside a running bot: each of these files is found, with or without its meaning."""
    async with app.local(settings, read_only=True) as here:
        for number in numbers:
            result = await here.search(f"disk{number}", 3)
            assert f"{number}.txt" in result.passages[0].title
            assert result.notes == ()


def vectors_in(folder: Path) -> tuple[int, dict[str, int]]:
    """How many chunks there are, and how many vectors of each space."""
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as file:
        chunks = file.execute("SELECT count(*) FROM index_chunk").fetchone()[0]
        return chunks, dict(
            file.execute(
                "SELECT label, count(*) FROM index_vector JOIN index_space ON number = index_vector.id >> 50"
                " GROUP BY label"
            )
        )


async def test_killed_again_and_again_re_embedding_ends_with_one_vector_a_chunk(tmp_path: Path) -> None:
    folder, files = tmp_path / "data", tmp_path / "files"
    files.mkdir()
    for number in range(FILES):
        (files / f"{number}.txt").write_text(text_of(number))
    choose = random.Random(11)  # noqa: S311  # moments to kill at
    async with app.local(Settings(data_dir=folder)) as here:
        await here.index(sorted(files.iterdir()), lambda _: None)
    chunks, before = vectors_in(folder)
    assert before == {"wordllama-256/256": chunks}

    async with CohereServer() as cohere:
        settings = Settings(data_dir=folder, co_api_key=SecretStr(cohere.key), co_api_url=cohere.url)
        for kill in range(KILLS):
            running = await process(folder, cohere)
            assert running.stdout is not None
            assert await running.stdout.readline() == b"begun\n"
            await asyncio.sleep(choose.uniform(0.0, 0.25))
            running.kill()
            await running.wait()
            if kill % 2:
                await found_everywhere(settings, choose.sample(range(FILES), 3))
        finishing = await process(folder, cohere)
        said, _ = await finishing.communicate()
        assert said.endswith(b"done\n")
        embedded = cohere.embedded
        await found_everywhere(settings, list(range(0, FILES, 7)))

    assert vectors_in(folder) == (chunks, {NEW: chunks})
    assert embedded <= chunks + KILLS * 8, "what a killed process had stored was not embedded again"
    async with app.local(settings, read_only=True) as here, here.core.database.transaction() as tx:
        assert await tx.reembeddings.all() == []
        assert await tx.reembeddings.spaces() == {LOCAL_WORKSPACE: NEW}
