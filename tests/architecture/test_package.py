from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from architecture.rules import GENERATED, REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    [built] = folder.iterdir()
    return zipfile.ZipFile(built)


def test_the_package_holds_all_that_the_program_reads(wheel: zipfile.ZipFile) -> None:
    files = {path.relative_to(REPOSITORY) for path in (REPOSITORY / "bot").rglob("*") if path.is_file()}
    wanted = {path.as_posix() for path in files if not any(p in GENERATED or p[0] == "." for p in path.parts)}
    held = {name for name in wheel.namelist() if name.startswith("bot/")}
    assert held == wanted | {"bot/manifest.yml"}
    assert wheel.read("bot/manifest.yml") == (REPOSITORY / "manifest.yml").read_bytes()


def test_the_package_brings_its_command_and_its_licence(wheel: zipfile.ZipFile) -> None:
    by_name = {
        Path(name).name: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info" in name
    }
    assert "fm = bot.__main__:main" in by_name["entry_points.txt"]
    assert by_name["LICENSE"] == (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert "Requires-Python: >=3.11" in by_name["METADATA"]
