from __future__ import annotations

import re

import pytest
from architecture.rules import REPOSITORY

TESTS = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "tests").rglob("*.py"))


@pytest.mark.parametrize("page", ["docs/privacy.md", "docs/security.md"])
def test_every_statement_names_tests_that_exist(page: str) -> None:
    named = re.findall(r"`(test_\w+)`", (REPOSITORY / page).read_text("utf-8"))
    assert len(named) >= 15
    missing = [name for name in named if f"def {name}(" not in TESTS]
    assert missing == []
