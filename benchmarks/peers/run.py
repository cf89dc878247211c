"""Side by side: 140 PDFs of 10 pages, 225 questions with a known right page, the same embedder for all.

    python -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers/requirements.txt
    python benchmarks/peers/run.py SCIFACT --python PEERS/bin/python    # the collection as BEIR has it

Each contestant runs in a process of its own, one after another. CPU seconds count children too; the wall
clock runs from the first file to everything being searchable, without imports. A page is right or not:
nDCG@10 over pages, and how often the right one is among the first five.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pages import Asked, make

from bot.evaluate.measures import NDCG, judge, percentile

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONTESTANTS = {"FaultMaven": "ours.py", "LangChain": "with_langchain.py", "LlamaIndex": "with_llamaindex.py"}
COLUMNS = ("CPU s", "wall s", "chunks", "p50 ms", "p99 ms", "nDCG@10", "top 5", "MB", "peak MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collection", type=Path)
    parser.add_argument(
        "--python", default=sys.executable, help="the interpreter that has the peers' packages"
    )
    parser.add_argument("--only", choices=CONTESTANTS, action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "pdfs")
        folder.mkdir()
        asked = make(arguments.collection, folder)
        print(f"{'':12}" + "".join(f"{column:>9}" for column in COLUMNS))
        for name in arguments.only or CONTESTANTS:
            python = sys.executable if name == "FaultMaven" else arguments.python
            row(name, contest([python, str(HERE / CONTESTANTS[name])], folder, asked, Path(scratch)), asked)


def contest(program: list[str], folder: Path, asked: list[Asked], scratch: Path) -> dict[str, Any]:
    questions, report = scratch / "questions.json", scratch / "report.json"
    questions.write_text(json.dumps([one.text for one in asked]))
    subprocess.run(  # noqa: S603  # the programs beside this one
        [*program, folder, questions, report],
        check=True,
        stdout=sys.stderr,
        env=os.environ | {"PYTHONPATH": str(ROOT)},  # the embedder is ours
    )
    figures: dict[str, Any] = json.loads(report.read_text())
    return figures


def row(name: str, figures: dict[str, Any], asked: list[Asked]) -> None:
    ranked = [[f"{file}#{page}" for file, page in pages] for pages in figures["found"]]
    right = [f"{one.file}#{one.page}" for one in asked]
    judged = [judge(pages, {page: 1})[NDCG] for pages, page in zip(ranked, right, strict=True)]
    among_five = sum(page in pages[:5] for pages, page in zip(ranked, right, strict=True))
    cells = (
        f"{figures['ingest_cpu_s']:9.2f}{figures['ingest_wall_s']:9.2f}{figures['chunks']:9,}",
        f"{percentile(figures['took_ms'], 0.5):9.1f}{percentile(figures['took_ms'], 0.99):9.1f}",
        f"{sum(judged) / len(judged):9.3f}{among_five / len(asked):9.1%}",
        f"{figures['resident_mb']:9.0f}{figures['peak_mb']:9.0f}",
    )
    print(f"{name:12}" + "".join(cells))


main()
