"""Asks for known vulnerabilities of what runs (requirements.lock), by pip-audit.

Exit code 1 for one with a fixed version that .ci/audit.toml doesn't ignore, with a reason and for a time.
Where no advisories can be had, a line says so and the exit code is 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMAND = [
    *(sys.executable, "-m", "pip_audit", "--requirement", str(HERE.parent / "requirements.lock")),
    *("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--timeout", "5"),
]
DEADLINE_S = 120
REASON_WORDS = 3
UNREACHED = "No advisories could be had here: nothing was audited"


@dataclass(frozen=True)
class Found:
    """What is known of the dependencies: the lines to show, and whether it fails."""

    lines: list[str]
    failed: bool


def ignored(text: str, today: date) -> Mapping[str, str]:
    """The reasons of what is ignored today, by id. Raises ValueError for one without a reason or an end."""
    kept = {}
    for entry in tomllib.loads(text).get("ignored", []):
        reason, until = str(entry.get("reason", "")), entry.get("until")
        if len(reason.split()) < REASON_WORDS or not isinstance(until, date):
            raise ValueError(f"{entry.get('id')} is ignored without a reason or without an end (until)")
        if today <= until:
            kept[str(entry["id"])] = reason
    return kept


def judge(report: Mapping[str, Any], reasons: Mapping[str, str]) -> Found:
    """What pip-audit's report means."""
    dependencies = report["dependencies"]
    audited = [one for one in dependencies if "skip_reason" not in one]
    if not audited:
        return Found([UNREACHED], failed=False)
    judged = [each for one in audited for each in _vulnerabilities(one, reasons)]
    lines = [f"{len(audited)} of {len(dependencies)} dependencies audited", *(line for line, _ in judged)]
    return Found(lines, failed=any(failed for _, failed in judged))


def _vulnerabilities(dependency: Mapping[str, Any], reasons: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    for known in dependency["vulns"]:
        names = [known["id"], *known.get("aliases", [])]
        what = f"{dependency['name']} {dependency['version']}: {names[0]}"
        fixed = ", ".join(known["fix_versions"])
        reason = next((reasons[name] for name in names if name in reasons), None)
        if reason is not None:
            yield f"{what}, ignored: {reason}", False
        elif fixed:
            yield f"{what}, fixed in {fixed}: run .ci/lock --upgrade", True
        else:
            yield f"{what}, not fixed yet", False


def main() -> int:
    """Ask, print what was found, and tell whether it fails."""
    reasons = ignored((HERE / "audit.toml").read_text(encoding="utf-8"), datetime.now(tz=UTC).date())
    try:
        asked = subprocess.run(COMMAND, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        found = judge(json.loads(asked.stdout), reasons)
    except subprocess.TimeoutExpired:
        found = Found([UNREACHED], failed=False)
    except json.JSONDecodeError:
        found = Found([UNREACHED, *asked.stderr.splitlines()[-1:]], failed=False)
    print("\n".join(found.lines))
    return int(found.failed)


if __name__ == "__main__":
    sys.exit(main())
