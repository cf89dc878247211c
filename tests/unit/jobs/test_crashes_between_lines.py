"""A process that dies between any two statements of its jobs leaves nothing undone and nothing twice.

This file is also the program that dies: it forks a child for each place, lets it die there, and lets a
second one go on.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from sqlalchemy import event
from support.tables import with_tables
from support.workshop import running, workshop

from bot.domain import Job, Stage, Status

REPOSITORY = Path(__file__).parents[3]
DIED = 9


async def first_life(folder: Path, place: int) -> None:
    """Index a document, and die after the statement number `place`."""
    async with workshop(folder) as shop:
        await shop.accept("F1")
        statements = 0

        def die_in_time(*_: object) -> None:
            nonlocal statements
            statements += 1
            if statements == place:
                os._exit(DIED)

        engine = shop.database._store.engine.sync_engine
        event.listen(engine, "after_cursor_execute", die_in_time)
        event.listen(engine, "commit", die_in_time)

        async def task(job: Job) -> None:
            async with shop.database.transaction() as tx:
                await tx.documents.progress(job, Stage.EXTRACT, 1, 2, now=shop.now)

        shop.task = task
        async with running(shop.runner(concurrency=1)):
            await shop.until(shop.quiet)


async def second_life(folder: Path, _place: int) -> None:
    """Go on where the first one died, and see that all is done."""
    async with workshop(folder) as shop:
        async with running(shop.runner(concurrency=1)):
            await shop.until(shop.quiet)
        async with shop.database.transaction() as tx:
            (document,) = await tx.documents.latest_all(10)
        assert (document.status, document.generation) == (Status.INDEXED, 1)
        assert document.attempts in {1, 2}
        assert {job.attempt for job in shop.started} <= {1, 2}


def live(life: Callable[[Path, int], Coroutine[Any, Any, None]], folder: Path, place: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(life(folder, place))
            os._exit(0)
        except BaseException:  # noqa: BLE001  # a fork must never run the parent's code
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    with_tables(folder / "made before the forks")
    place, code = 0, DIED
    while code == DIED:
        place += 1
        home = folder / str(place)
        code = live(first_life, home, place)
        assert code in {0, DIED}
        assert live(second_life, home, place) == 0, f"after a death at statement {place}"
    sys.stderr.write(f"{place}\n")


def test_a_death_after_any_statement_is_made_good_by_the_next_life(tmp_path: Path) -> None:
    done = subprocess.run(  # this file
        [sys.executable, __file__, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.splitlines()[-1]) > 20


if __name__ == "__main__":
    main(Path(sys.argv[1]))
