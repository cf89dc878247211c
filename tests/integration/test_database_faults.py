"""A database that can't be used is a sentence for whoever runs the bot, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.database import Database
from bot.errors import FaultMavenError, OperatorError, RetryLater

REPOSITORY = Path(__file__).parents[2]


async def refusal(path: Path, lock_dir: Path, *, read_only: bool = False) -> FaultMavenError:
    with pytest.raises((OperatorError, RetryLater)) as refused:
        await Database.open(f"sqlite+aiosqlite:///{path}", lock_dir=lock_dir, read_only=read_only)
    return refused.value


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, *, read_only: bool) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"Dear diary, " * 500)
    refused = await refusal(path, tmp_path, read_only=read_only)
    assert "no database at all" in refused.public_message
    assert refused.advice
    assert path.read_bytes() == b"Dear diary, " * 500


async def test_after_a_refusal_the_folder_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"Dear diary, " * 500)
    await refusal(path, tmp_path)
    path.unlink()
    database = await Database.open(f"sqlite+aiosqlite:///{path}", lock_dir=tmp_path)
    await database.close()


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, *, read_only: bool) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data"
    refused = await refusal(folder / "state.db", folder, read_only=read_only)
    assert str(folder) in refused.public_message
    assert "FM_DATA_DIR" in refused.advice


async def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    refused = await refusal(tmp_path / "state.db", tmp_path)
    assert "Is a directory" in refused.public_message


async def test_a_folder_in_the_place_of_the_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    refused = await refusal(tmp_path / "state.db", tmp_path)
    assert str(tmp_path / "state.db") in refused.public_message


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from bot.database import Database
from bot.domain import WorkspaceId
from bot.errors import RetryLater

async def main(folder):
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'state.db'}", lock_dir=folder)
    kept, soft = [], resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    try:
        for number in range(1000):
            async with database.transaction() as tx:
                await tx.inbox.add(f"Ev{number}", WorkspaceId("T1"), "x", {"text": "y" * 4000}, now=1.0)
            kept.append(number)
    except RetryLater as error:
        print(type(error).__name__, "|", error.public_message, "|", error.advice)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))
    async with database.transaction() as tx:  # there is room again: it goes on by itself
        assert await tx.inbox.pending_count() == len(kept), kept
        assert await tx.inbox.add("EvLast", WorkspaceId("T1"), "x", {}, now=1.0)
    await database.close()
    print("kept", len(kept))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_disk_that_fills_up_loses_nothing_and_is_used_again_once_there_is_room(tmp_path: Path) -> None:
    done = subprocess.run(  # the script above
        [sys.executable, "-W", "error", "-c", FULL_DISK, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sentence, kept = done.stdout.splitlines()
    assert sentence.startswith("ProviderUnavailable | The disk that holds the database")
    assert str(tmp_path / "state.db") in sentence
    assert int(kept.removeprefix("kept ")) > 10
