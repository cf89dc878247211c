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
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.postgres import Server
from support.replica_storm import Aftermath, Weather, storm

SHORTEST_PAUSE_S = 0.2
REST_S, REST_A_FILE_S = 180.0, 0.3
"""How long the replicas may take in the end."""
TOLD_EVERY_S = 10.0
MUST_BE_NONE = {
    "lost": "files without a document",
    "unfinished": "documents that still wait or are being read",
    "failed": "documents that were given up",
    "unanswered": "files whose reply doesn't tell what became of them",
    "not_found": "indexed, but not so in the index",
    "duplicate_vectors": "generations besides the one that is found",
    "orphan_vectors": "in the index, of no document",
}
COST = {
    "second_replies": "of posts that were under way when their process died",
    "begun_again": "attempts beyond each file's first",
    "ended_alone": "replicas that ended untold, and were started again",
    "drain_s": "seconds from the last disturbance until all was done",
    "elapsed_s": "seconds in all",
}


def arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
        pause_s=(SHORTEST_PAUSE_S, given.longest_pause),
        lease_s=given.lease,
        rest_s=REST_S + REST_A_FILE_S * given.files,
    )
    told_at = 0.0

    def tell(words: str) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TOLD_EVERY_S:
            told_at = time.monotonic()
            print(words, file=sys.stderr, flush=True)

    with TemporaryDirectory() as folder:
        return await storm(Path(folder), server, server.url(server.create()), weather, tell)


def table(given: argparse.Namespace, left: Aftermath) -> str:
    """Each figure with what it counts."""
    figures = asdict(left)
    weather = (
        f"{given.files:,} files, {given.replicas} replicas with leases of {given.lease:g} s",
        f"{given.kills} kill -9, {given.freezes} freezes, {given.terms} SIGTERM",
        f"{given.restarts} restarts of Postgres, seed {given.seed}",
    )
    lines = ["; ".join(weather)]
    for title, named in (("must be 0", MUST_BE_NONE), ("what it cost", COST)):
        lines += ["", title]
        lines += [f"  {name:18} {figures[name]:>8,}  {what}" for name, what in named.items()]
    return "\n".join(lines)


def main() -> int:
    server, given = Server(""), arguments()  # as it comes: what is committed is on the disk
    try:
        left = asyncio.run(rage(server, given))
    finally:
        server.stop()
    print(table(given, left))
    return int(any(getattr(left, name) for name in MUST_BE_NONE))


if __name__ == "__main__":
    sys.exit(main())
