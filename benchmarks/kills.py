"""A hundred kill -9 of the whole bot while files are shared: what is lost, doubled or in disagreement.

What was embedded again is counted where the embeddings are bought: a local double of the vendor.

python benchmarks/kills.py [KILLS] [FILES] [SEED] [SECONDS UP AT MOST]
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.cohere_server import CohereServer
from support.pdf import make_pdf
from support.storm import storm


async def main(kills: int = 100, files: int = 200, seed: int = 1, longest_s: int = 3) -> None:
    """Run and print."""
    batch = [
        (f"{n}.pdf", make_pdf([f"page {page} of file {n}\nreplica failover queue" for page in range(8)]))
        for n in range(files)
    ]
    started = time.monotonic()
    with TemporaryDirectory() as folder:
        async with CohereServer() as cohere:
            print(await storm(Path(folder), batch, kills, seed, longest_s, cohere))
            print(f"{cohere.embedded} texts embedded")
    print(f"{time.monotonic() - started:.0f} s")


asyncio.run(main(*map(int, sys.argv[1:])))
