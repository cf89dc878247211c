from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.providers.local.embeddings import LocalEmbeddingProvider

PROJECT = Path(__file__).parents[3]

EMBED = """
import asyncio, logging, socket, sys

def refuse(*_):
    raise AssertionError("the network was used")

sys.addaudithook(lambda event, _: refuse() if event == "socket.connect" else None)
from bot.errors import OperatorError
from bot.providers.local.embeddings import LocalEmbeddingProvider

async def main():
    provider = LocalEmbeddingProvider()
    try:
        await provider.embed_query("hello")
    except OperatorError as error:
        print(error)
    await provider.close()

asyncio.run(main())
assert not logging.getLogger().handlers
assert "wordllama" not in sys.modules
"""


def run(*, before: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(folder) for folder in (before, PROJECT) if folder)
    return subprocess.run(  # our own code
        [sys.executable, "-W", "error", "-c", EMBED],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_loading_is_silent_and_uses_no_network() -> None:
    done = run()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_missing_weights_are_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "wordllama").mkdir()
    (tmp_path / "wordllama" / "__init__.py").touch()

    done = run(before=tmp_path)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (
        0,
        "The local embedding model is not installed",
        "",
    )


async def test_a_text_is_nearest_to_what_it_is_about() -> None:
    provider = LocalEmbeddingProvider()
    documents = await provider.embed_documents(
        ["The hard drive ran out of storage space", "Lunch is served at noon", "The customer was refunded"]
    )
    query = await provider.embed_query("disk full")
    await provider.close()

    assert (documents @ query).argmax() == 0
