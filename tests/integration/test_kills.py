from __future__ import annotations

from pathlib import Path

from support.pdf import make_pdf
from support.storm import storm


async def test_killed_again_and_again_the_bot_loses_and_doubles_nothing(tmp_path: Path) -> None:
    files = [(f"{n}.pdf", make_pdf([f"page {page} of file {n}" for page in range(3)])) for n in range(12)]
    damage = await storm(tmp_path, files, kills=5, seed=7, longest_s=0.9)
    assert (damage.files, damage.lost, damage.twice, damage.disagreeing) == (12, 0, 0, 0)
    assert (damage.unanswered, damage.answered_twice) == (0, 0)
    assert damage.stray_replies <= damage.kills, "one a kill at most, between posting and noting it"
