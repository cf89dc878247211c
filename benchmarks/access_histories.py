"""Random histories of a workspace against an oracle of who may read what.

    python benchmarks/access_histories.py --histories 10000

Each history has five people (a member who is an admin, a member, a guest, somebody of another company, a
bot), four channels (open, private, shared with another company, open with a guest), a file in each, and up to
24 steps: people and the bot come and go, files are shared, unshared, renamed, deleted and forgotten, channels
change in every way, people are deactivated or become guests, settings are switched, the index lags, Slack is
away. What anybody is then shown, in words, titles or counts, is held against the oracle. A history that shows
too much is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import structlog

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.histories.player import STEPS, Beyond, Player, Step, Tally  # noqa: E402  # found by the path above
from support.histories.stage import Stage  # noqa: E402  # as above
from support.world import OneChunk  # noqa: E402  # as above

from bot.database import Database  # noqa: E402  # as above
from bot.providers.local.index import LocalIndex  # noqa: E402  # as above

MOST_STEPS = 24
EACH_FOLDER = 500
"""Histories in one database; then it gets a new one."""


def history(seed: int) -> list[Step]:
    rng = random.Random(seed)  # noqa: S311  # a history
    names = sorted(STEPS)
    return [(rng.choice(names), rng.randrange(10_000)) for _ in range(rng.randrange(MOST_STEPS + 1))]


async def play(seeds: range, tally: Tally) -> int | None:
    """Play these histories; the seed of the first that shows too much."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        database = await Database.open(f"sqlite+aiosqlite:///{path / 'state.db'}", lock_dir=path)
        try:
            async with LocalIndex(path / "state.db", OneChunk.space) as index:
                stage = Stage(database, index, path)
                for seed in seeds:
                    if not await _holds(Player(stage, tally), seed):
                        return seed
        finally:
            await database.close()
    return None


async def _holds(player: Player, seed: int) -> bool:
    holds = True
    try:
        await player.play(history(seed))
    except* Beyond as beyond:
        print(f"history {seed}: {beyond.exceptions[0]}\n{history(seed)}")
        holds = False
    return holds


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--histories", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first history")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    tally, started = Tally(), time.perf_counter()
    last = asked.seed + asked.histories
    for first in range(asked.seed, last, EACH_FOLDER):
        wrong = asyncio.run(play(range(first, min(first + EACH_FOLDER, last)), tally))
        if wrong is not None:
            return 1
        print(
            f"{tally.histories:,} histories, {tally.steps:,} steps, {tally.answers:,} answers, "
            f"{tally.shown:,} files shown, 0 beyond; {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
