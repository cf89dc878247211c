from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.answers import Shelf, shelf

TEXTS = {
    "failover.md": (
        "# Failing over the orders database\n\n## Promote\n\n"
        "Promote the standby with `fmctl promote db-2`. It takes about 40 seconds.\n\n"
        "## Backups\n\nA full backup is taken every night and kept for 35 days.\n"
    ),
    "travel.txt": (
        "Hotels\nThe limit for a hotel room is 140 euros a night. In Paris the limit is 210 euros a night."
        "\fMeals\nThe daily allowance for meals is 42 euros. Alcohol is not reimbursed."
    ),
}


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with shelf(tmp_path) as files:
        await files.put_all(TEXTS)
        yield files
