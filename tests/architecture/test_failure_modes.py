from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_every_failure_mode_names_a_test_that_exists() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py"))
    rows = re.findall(
        r"^\| [\d+]+ \|.*$", (REPOSITORY / "docs/failure-modes.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) >= 25
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named or "not yet" in row, row
        for name in named:
            assert f"def {name}(" in tests, name
