"""Replicas on one Postgres that are killed, frozen, told to stop while files arrive; Postgres restarts, too.

What is lost, done twice or left unfinished is counted in the end, and how long the replicas took to finish.
Files wait unless a replica that runs takes them: the more disturbances in a row, the longer it takes.

python benchmarks/storm.py [--files 300] [--kills 30] [--freezes 3] [--terms 3] [--restarts 1] [--replicas 3]
                           [--seed 1] [--longest-pause 2.0] [--lease 6]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.postgres import Server
from support.replica_storm import Aftermath, Weather, storm


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__)
    for name, default in {
        "files": 300, "kills": 30, "freezes": 3, "terms": 3, "restarts": 1, "replicas": 3, "seed": 1
    }.items():  # fmt: skip
        given.add_argument(f"--{name}", type=int, default=default)
    given.add_argument("--longest-pause", type=float, default=2.0)
    given.add_argument("--lease", type=float, default=6.0)
    return given.parse_args()


async def rage(server: Server, given: argparse.Namespace) -> Aftermath:
    weather = Weather(
        files=given.files,
        kills=given.kills,
        freezes=given.freezes,
        terms=given.terms,
        restarts=given.restarts,
        replicas=given.replicas,
        seed=given.seed,
        pause_s=(0.2, given.longest_pause),
        lease_s=given.lease,
    )
    with TemporaryDirectory() as folder:
        return await storm(Path(folder), server, server.url(server.create()), weather)


def main() -> None:
    server = Server("")  # as it comes: what is committed is on the disk
    try:
        print(asyncio.run(rage(server, arguments())))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
