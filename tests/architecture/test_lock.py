from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

import pytest
from architecture.rules import REPOSITORY
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
RUNTIME = PYPROJECT["project"]["dependencies"] + PYPROJECT["build-system"]["requires"] + EXTRAS["postgres"]
DEVELOPMENT = RUNTIME + EXTRAS["dev"]
TOOLS = (REPOSITORY / ".ci/tools.in").read_text(encoding="utf-8").splitlines()
LOCKS = {"requirements.lock": RUNTIME, "requirements-dev.lock": DEVELOPMENT, ".ci/tools.lock": TOOLS}
PIN = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<marker> ; [^\\]+)?( --hash=sha256:[0-9a-f]{64})+"
)


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    marker: str


def pins(lock: str) -> list[Pin]:
    """The pins of a lock; a line that isn't a pin with hashes is an error."""
    entries = (REPOSITORY / lock).read_text(encoding="utf-8").replace(" \\\n    ", " ").splitlines()
    found = []
    for entry in entries:
        match = PIN.fullmatch(entry)
        assert match, f"{lock}: not a pin with hashes: {entry[:80]}"
        name = canonicalize_name(match["name"])
        found.append(Pin(name, match["version"], (match["marker"] or "").removeprefix(" ; ")))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_to_a_version_that_fits(lock: str) -> None:
    locked = pins(lock)
    for wanted in map(Requirement, LOCKS[lock]):
        versions = [pin.version for pin in locked if pin.name == canonicalize_name(wanted.name)]
        assert versions, f"{wanted} is not in {lock}: run .ci/lock"
        assert all(wanted.specifier.contains(version) for version in versions), f"{lock}: {wanted}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_packages_come_from(lock: str) -> None:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith(("-", "#")) or " @ " in line]


def test_tests_run_with_what_people_run() -> None:
    assert set(pins("requirements.lock")) <= set(pins("requirements-dev.lock"))
