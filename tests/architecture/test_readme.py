from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from architecture.rules import REPOSITORY
from typer.main import get_command

from bot.cli import cli, main
from bot.ingest.extract.kinds import ADVICE
from bot.ingest.extract.limits import Limits
from bot.settings import Settings, variable_of
from bot.web.api import Services, knowledge_api
from bot.web.metrics import Metrics
from bot.web.server import application
from bot.web.state_metrics import StateFigures

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/operations.md",
    *(f"docs/decisions/{p.name}" for p in (REPOSITORY / "docs/decisions").iterdir()),
]
COMMANDS = get_command(cli).commands  # type: ignore[attr-defined]  # it is a group


def section(heading: str) -> str:
    return README.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def first_cells(heading: str) -> list[str]:
    return re.findall(r"^\| (`.*?`) \|", section(heading), flags=re.MULTILINE)


def quoted_commands() -> Iterator[str]:
    """Each `fm …` that a page quotes, up to what stands for something else."""
    for page in PAGES:
        for quoted in re.findall(
            r"`(?:\.venv/bin/)?fm( [a-z][^`]*)?`", (REPOSITORY / page).read_text("utf-8")
        ):
            yield " ".join(
                word
                for word in shlex.split(quoted.strip())
                if re.fullmatch(r"[a-z]+(-[a-z]+)*|--[a-z-]+", word)
            )


def test_every_setting_is_in_the_readme_as_it_is_in_the_program() -> None:
    rows = []
    for field, info in Settings.model_fields.items():
        default = "" if info.default is None else f"`{info.default}`"
        rows.append(f"| `{variable_of(field)}` | {default} | {info.description} |")
    assert [line for line in section("Settings").splitlines() if line.startswith("| `")] == rows


def test_every_command_and_option_is_in_the_readme() -> None:
    described = " ".join(first_cells("Commands"))
    for name, command in COMMANDS.items():
        assert f"`fm {name}" in described
        for parameter in command.params:
            if parameter.name != "help":
                assert any(
                    word in described for word in (*parameter.opts, parameter.name.upper().removesuffix("S"))
                ), parameter


@pytest.mark.parametrize("command", sorted(set(quoted_commands())))
def test_a_command_that_a_page_quotes_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_every_address_is_in_the_readme() -> None:
    async def nothing(_: web.Request) -> web.Response:
        return web.Response()

    async def nothing_yet() -> StateFigures:
        return StateFigures({}, 0, 0, 0, 0.0)

    api = knowledge_api(Services(None, None, None, None, None, None, 0, "0"))
    app = application({}, Metrics(nothing_yet), slack_events=nothing, knowledge=api)
    served = {
        f"`{r.method} {r.resource.canonical}`"
        for r in app.router.routes()
        if r.resource and r.method != "HEAD"
    }
    assert set(first_cells("HTTP")) == served


def test_the_readme_names_the_file_types_that_are_read() -> None:
    kinds = re.search(r"I read (.*?):", ADVICE)
    assert kinds
    assert f"**Reads**: {kinds[1].replace(' and ', ', ')}." in README


def test_the_readme_names_the_limits_that_hold() -> None:
    limits = Limits()
    assert (
        f"at most {limits.pages:,} pages and {limits.characters // 1_000_000} million characters"
        in README.replace("\n", " ")
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_links_only_to_files_that_exist(page: str) -> None:
    folder = (REPOSITORY / page).parent
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", (REPOSITORY / page).read_text(encoding="utf-8"))
    assert [target for target in targets if not Path(folder, target).exists()] == []


@pytest.mark.parametrize(
    ("name", "lock", "last"),
    [("run", "requirements.lock", "fm"), ("test", "requirements-dev.lock", "pytest -n 4")],
)
def test_one_line_of_the_readme_installs_and_does_it(name: str, lock: str, last: str) -> None:
    block = README.partition(f"<!-- line: {name} -->\n```sh\n")[2].partition("\n```")[0]
    assert "\n" not in block
    steps = block.split(" && ")
    assert steps[1].endswith(f"-r {lock}")
    assert steps[-1] == f".venv/bin/{last}"
