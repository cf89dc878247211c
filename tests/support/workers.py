"""Which test runs on which of `pytest -n`'s workers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parents[1]


class Together(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Each test goes to whoever is free, but a file's that share a browser or a bot go to one worker, first:
    with each further worker there would be one more of those.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return file if _shares(TESTS.parent / file) else nodeid


@cache
def _shares(file: Path) -> bool:
    return 'scope="module"' in file.read_text(encoding="utf-8")
