"""Which test runs on which of `pytest -n`'s workers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

REPOSITORY = Path(__file__).parents[2]
PARSED_ONCE = "tests/architecture/"
"""Its tests look at the whole project."""


class Together(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Each test goes to whoever is free, but first those that share something dear, together to one worker.

    A browser, a bot with its files, the parsed project: each further worker would make one more of it.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        if file.startswith(PARSED_ONCE):
            return PARSED_ONCE
        return file if _shares(REPOSITORY / file) else nodeid


@cache
def _shares(file: Path) -> bool:
    return 'scope="module"' in file.read_text(encoding="utf-8")
