"""Takes away every single check of access in a copy of the project, and shows that a test notices.

    python benchmarks/access_mutations.py [WORD…]

Each check of `tests/architecture/mutations.py`, or each with one of the words in its name, is taken away by
itself; then random histories are played, or the named tests run. Prints a table; the exit code is 1 when a
check can be taken away unnoticed. Takes about half an hour for all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from architecture.mutations import HISTORIES, MUTATIONS, Mutation  # noqa: E402  # found by the path above

HISTORIES_A_MUTATION = 150
COPIED = ("bot", "tests", "benchmarks", "pyproject.toml", "manifest.yml", "README.md")
TIMEOUT_S = 900


def notices(folder: Path, seen_by: str) -> bool:
    """Whether the histories, or the tests of a file, fail in a copy."""
    histories = ["benchmarks/access_histories.py", "--histories", str(HISTORIES_A_MUTATION)]
    tests = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", seen_by]
    ran = subprocess.run(  # noqa: S603  # our own scripts and tests
        [sys.executable, *(histories if seen_by == HISTORIES else tests)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if ran.returncode not in {0, 1}:
        raise RuntimeError(ran.stdout[-2000:] + ran.stderr[-2000:])
    return ran.returncode == 1


def noticed_by(folder: Path, mutation: Mutation) -> str | None:
    """Which of the tests notices that a check is gone."""
    path = folder / mutation.path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutation.there, mutation.instead), encoding="utf-8")
    try:
        return next((seen_by for seen_by in mutation.seen_by if notices(folder, seen_by)), None)
    finally:
        path.write_text(text, encoding="utf-8")


def main(words: list[str]) -> int:
    chosen = [one for one in MUTATIONS if not words or any(word in one.check for word in words)]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        for mutation in chosen:
            started = time.perf_counter()
            by = noticed_by(folder, mutation)
            unnoticed += by is None
            taken_s = time.perf_counter() - started
            print(f"| {mutation.check} | {by or 'NOTHING'} | {taken_s:.0f} s |", flush=True)
    print(f"{len(chosen) - unnoticed} of {len(chosen)} noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
