from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from architecture.rules import REPOSITORY

PYPROJECT = REPOSITORY / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
VIOLATIONS = [
    ("layers", "bot/documents/planted.py", "import bot.search.pipeline"),
    ("layers", "bot/ingest/planted.py", "import bot.search.access"),  # siblings
    ("layers", "bot/domain/ids.py", "import bot.ports"),
    ("layers", "bot/planted.py", ""),  # a module that nobody gave a layer
    ("settings", "bot/search/planted.py", "from bot.settings import Settings"),
    ("settings-know-errors", "bot/settings/checks.py", "import bot.domain"),
    ("ingest", "bot/ingest/embed.py", "import bot.ingest.index"),
    ("ingest", "bot/ingest/download.py", "import bot.ingest.pipeline"),
    ("ingest", "bot/ingest/planted.py", ""),
    ("search", "bot/search/retrieve.py", "import bot.search.fuse"),
    ("search", "bot/search/planted.py", ""),
    ("answer", "bot/answer/quote.py", "import bot.answer.converse"),
    ("answer", "bot/answer/planted.py", ""),
    ("providers", "bot/providers/slack/planted.py", "import bot.providers.local.index"),
    ("listeners", "bot/slack/listeners/planted.py", "import bot.slack.listeners.files"),
    ("slack-sdk", "bot/search/planted.py", "from slack_sdk.errors import SlackApiError"),
    ("slack-sdk", "bot/web/planted.py", "import slack_bolt"),
    ("network", "bot/ingest/planted.py", "import aiohttp"),
    ("cohere", "bot/app/planted.py", "import cohere"),
    ("cohere", "bot/providers/local/planted.py", "from cohere import AsyncClientV2"),
    ("openai", "bot/answer/planted.py", "import openai"),
    ("pinecone", "bot/search/planted.py", "import pinecone"),
    ("local-model", "bot/ingest/planted.py", "import wordllama"),
    ("local-model", "bot/app/planted.py", "from tokenizers import Tokenizer"),
    ("readers", "bot/ingest/planted.py", "import pypdfium2"),
    ("readers", "bot/search/planted.py", "import pypdf"),
    ("sql", "bot/slack/planted.py", "from sqlmodel import select"),
    ("sql", "bot/search/planted.py", "import sqlite3"),
    ("sql", "bot/app/planted.py", "from sqlalchemy import text"),
    ("drivers", "bot/database/sqlite.py", "import aiosqlite"),
    ("drivers", "bot/documents/planted.py", "import psycopg"),
    ("terminal", "bot/app/planted.py", "import rich"),
    ("terminal", "bot/web/planted.py", "from typer import echo"),
]


Violation = tuple[str, str, str]


def rounds(violations: list[Violation]) -> list[list[Violation]]:
    """As few as can be, none of which breaks a contract or spoils a file twice."""
    made: list[list[Violation]] = []
    for contract, module, line in violations:
        free = (one for one in made if all(contract != other and module != file for other, file, _ in one))
        at = next(free, None)
        if at is None:
            made.append(at := [])
        at.append((contract, module, line))
    return made


def told_of(contract: str, broken: str) -> str:
    """What the report of broken contracts says of one."""
    [name] = [one["name"] for one in CONTRACTS if one["id"] == contract]
    _, _, told = broken.partition(f"\n{name}\n{'-' * len(name)}\n")
    return told.partition("\n---")[0]


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """`lint-imports` on the package in a folder, with the project's own contracts."""
    only = [word for contract in contracts for word in ("--contract", contract)]
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, str(PYPROJECT), "--no-cache", "--no-logo", *only],
        cwd=folder,
        env=os.environ | {"COLUMNS": "1000"},  # else names are broken into lines
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package to spoil."""
    shutil.copytree(
        REPOSITORY / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    return tmp_path


def test_imports_keep_every_contract() -> None:
    checked = lint(REPOSITORY)
    assert checked.returncode == 0, checked.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in checked.stdout


@pytest.mark.parametrize("violations", rounds(VIOLATIONS))
def test_each_violation_breaks_its_contract(copy: Path, violations: list[Violation]) -> None:
    for _, module, line in violations:
        with (copy / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")

    checked = lint(copy, *(contract for contract, _, _ in violations))

    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert f"0 kept, {len(violations)} broken" in checked.stdout
    _, *broken = checked.stdout.split("\nBroken contracts\n")
    for contract, module, _ in violations:
        assert module.removesuffix(".py").replace("/", ".") in told_of(contract, broken[0])


def test_every_contract_was_shown_to_break() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == {contract["id"] for contract in CONTRACTS}
