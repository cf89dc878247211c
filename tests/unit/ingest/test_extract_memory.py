from __future__ import annotations

from pathlib import Path

import pytest

from bot.ingest.extract.limits import MIB, Limits
from bot.ingest.extract.memory import affordable, usable

LIMITS = Limits(memory_bytes=512 * MIB)


@pytest.mark.parametrize(
    ("memory", "children"), [(256 * MIB, 1), (1024 * MIB, 1), (2048 * MIB, 2), (8192 * MIB, 8)]
)
def test_memory_decides_how_many_children_there_can_be(memory: int, children: int) -> None:
    assert affordable(LIMITS, memory) == children


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_a_containers_limit_counts_before_the_machines_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"{300 * MIB}\n")
    assert usable(tmp_path) == 300 * MIB


@pytest.mark.parametrize("said", ["max\n", str(2**63), ""])
def test_no_limit_leaves_the_machines_memory(said: str, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(said)
    assert MIB < usable(tmp_path) < 2**50
