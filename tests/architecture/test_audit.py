"""`.ci/audit.py`: what fails the gate, what is only told, and what may be ignored."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from types import ModuleType

import pytest
from architecture.rules import REPOSITORY

TODAY = date(2026, 1, 31)
IGNORED = """
[[ignored]]
id = "{id}"
reason = "{reason}"
until = {until}
"""


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", REPOSITORY / ".ci/audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def report(*fix_versions: str, aliases: tuple[str, ...] = ()) -> dict:
    known = {"id": "PYSEC-1", "aliases": list(aliases), "fix_versions": list(fix_versions)}
    return {
        "dependencies": [
            {"name": "fine", "version": "1", "vulns": []},
            {"name": "holey", "version": "2", "vulns": [known]},
            {"name": "unknown", "skip_reason": "not found"},
        ]
    }


def test_a_vulnerability_with_a_fixed_version_fails(audit: ModuleType) -> None:
    found = audit.judge(report("3"), {})
    assert found.failed
    assert found.lines[0] == "2 of 3 dependencies audited"
    assert "holey 2: PYSEC-1, fixed in 3" in found.lines[1]


def test_one_that_nobody_has_fixed_is_only_told(audit: ModuleType) -> None:
    found = audit.judge(report(), {})
    assert not found.failed
    assert "not fixed yet" in found.lines[1]


def test_one_that_is_ignored_is_told_with_the_reason(audit: ModuleType) -> None:
    found = audit.judge(report("3", aliases=("CVE-7",)), {"CVE-7": "that part is not used"})
    assert not found.failed
    assert "ignored: that part is not used" in found.lines[1]


def test_where_no_advisories_can_be_had_a_line_says_so(audit: ModuleType) -> None:
    found = audit.judge({"dependencies": [{"name": "unknown", "skip_reason": "not found"}]}, {})
    assert (found.failed, found.lines) == (False, [audit.UNREACHED])


@pytest.mark.parametrize(("reason", "until"), [("", TODAY), ("because", TODAY), ("it is not used", '"ever"')])
def test_nothing_is_ignored_without_a_reason_and_an_end(
    audit: ModuleType, reason: str, until: object
) -> None:
    with pytest.raises(ValueError, match="CVE-7 is ignored without"):
        audit.ignored(IGNORED.format(id="CVE-7", reason=reason, until=until), TODAY)


def test_what_was_ignored_for_a_time_is_not_ignored_after_it(audit: ModuleType) -> None:
    text = IGNORED.format(id="CVE-7", reason="it is not used", until="2026-01-30")
    assert audit.ignored(text, date(2026, 1, 30)) == {"CVE-7": "it is not used"}
    assert audit.ignored(text, TODAY) == {}


def test_what_is_ignored_now_has_its_reasons(audit: ModuleType) -> None:
    audit.ignored((REPOSITORY / ".ci/audit.toml").read_text(encoding="utf-8"), TODAY)
