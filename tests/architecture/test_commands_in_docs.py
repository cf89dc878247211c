"""Every command that a page tells people to type is one that there is.

Those of docs/api.md are run for real by `tests/integration/test_api_docs.py`, the first line of README.md by
`benchmarks/first_minute.py`. Here each `fm …` goes through the command line's own parser with its options,
each script has to be there with its options, and the rest is named with the reason why it is not run.
"""

from __future__ import annotations

import itertools
import re
import shlex
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from architecture.rules import REPOSITORY
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from bot.cli import cli
from bot.settings import Settings, variable_of
from bot.slack.render_help import HELP

PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "manifest.yml", "Dockerfile")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *sorted((REPOSITORY / "deploy").rglob("*.y*ml")),
    *sorted((REPOSITORY / "deploy").glob(".env*")),
]
NOT_RUN_HERE = {
    "curl": "asks a running bot: tests/integration/test_api_docs.py runs those of docs/api.md",
    "docker": "needs a Docker daemon; what it is given is checked below",
    "grep": "searches the reader's log",
    "kubectl": "needs a cluster; tests/architecture/test_deploy.py checks what it applies",
    "openssl": "is there, or another maker of random text",
    "pg_dump": "is Postgres' own",
    "pg_restore": "is Postgres' own",
    "pip": "installs from elsewhere; what it names is checked below",
    "pytest": "runs this",
}
PROGRAMS = {"fm", "python", "python3", *NOT_RUN_HERE}
EXTRAS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
SERVICES = yaml.safe_load((REPOSITORY / "deploy/compose.yml").read_text("utf-8"))["services"]
VARIABLES = {variable_of(field) for field in Settings.model_fields} | {"NO_COLOR", "KEY"}
FM: Any = get_command(cli)


def told(path: Path) -> Iterator[str]:
    """What a page quotes as code or indents in a comment; a line each."""
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"^( *)```sh\n(.*?)^\1```", text, flags=re.DOTALL | re.MULTILINE):
        yield from block[1].replace("\\\n", " ").splitlines()
    if path.suffix == ".md":
        prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
        yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose))
    else:
        yield from re.findall(r"^#   (\S[^(\n]*)", text, flags=re.MULTILINE)
        yield from re.findall(r"^#.*?((?:docker|kubectl) [a-z]+ [^`(\n]*)", text, flags=re.MULTILINE)


def commands(line: str) -> Iterator[list[str]]:
    """The simple commands of a line of shell, each as its words from its program on."""
    for inner in re.findall(r"\$\(([^)]*)\)", line):
        yield from commands(inner)
    lexer = shlex.shlex(re.sub(r"\$\([^)]*\)", "x", line), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return  # a text with an apostrophe is no command
    for separated, of in itertools.groupby(words, lambda word: set(word) <= set("|&;<>")):
        one = list(itertools.dropwhile(re.compile("[A-Za-z_]+=").match, of))
        program = one[0].removeprefix(".venv/bin/") if one else ""
        if not separated and program in PROGRAMS:
            yield [program, *one[1:]]


def synopsis(line: str) -> str:
    """`fm x [--a N] [--b c|d…]` as somebody may type it: all options, the first of what may be chosen."""
    if not line.startswith("fm "):
        return line
    return re.sub(r"\\\|[a-z]+|[\[\]]|(?<=\w)…", "", line)


TOLD = {
    shlex.join(words): str(path.relative_to(REPOSITORY))
    for path in PAGES
    for line in told(path)
    for words in commands(synopsis(line))
}


def of(*programs: str) -> pytest.MarkDecorator:
    """The commands of these programs, named by one of the pages that tell them."""
    chosen = sorted(one for one in TOLD if one.split()[0] in programs)
    return pytest.mark.parametrize("command", [pytest.param(one, id=f"{TOLD[one]}: {one}") for one in chosen])


def parse(words: Sequence[str]) -> None:
    """What the command line does with its arguments before it does anything. Raises what it would."""
    command: Any = FM
    rest = list(words)
    context = command.make_context("fm", list(rest))
    while isinstance(command, TyperGroup):
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def of_a_person(word: str) -> str:
    """What stands for something else, as something that could be typed."""
    return {"N": "1", "ID": "A1", "…": "x"}.get(word, "." if word == "PATH" else word)


@of("fm")
def test_a_command_that_is_told_is_taken_by_the_command_line(command: str) -> None:
    words = [of_a_person(word) for word in shlex.split(command)[1:]]
    if words == ["--install-completion"]:  # it does so while it parses
        assert words[0] in {name for parameter in FM.params for name in parameter.opts}
    elif words != ["x"]:
        try:
            parse(words)
        except TyperException as error:
            lacks = "Missing" in error.format_message()
            if not (lacks and all(re.fullmatch("[a-z-]+", word) for word in words)):
                raise  # a page may speak of a command by its name alone


@pytest.mark.parametrize(
    "words", [["search", "x", "--limt", "1"], ["db", "bakup", "x"], ["eval", "--answer"]]
)
def test_an_option_or_command_that_is_misspelt_is_noticed(words: list[str]) -> None:
    with pytest.raises(TyperException, match=r"(?i)no such"):
        parse(words)


@of("python", "python3")
def test_a_script_that_is_told_is_there_with_its_options(command: str) -> None:
    _, what, *rest = [one for one in shlex.split(command) if one != "…"]
    if what == "-m":
        assert rest[0] in {"venv", "bot", "pytest"}
        return
    script = (REPOSITORY / what).read_text(encoding="utf-8")
    for option in (word for word in rest if word.startswith("--")):
        assert f'"{option}"' in script, command


@of(*NOT_RUN_HERE)
def test_what_is_not_run_names_what_there_is(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "pip":
        for extra in re.findall(r"\.\[(\w+)\]", command):
            assert extra in EXTRAS
        for file in (word for word in words if word.endswith(".lock")):
            assert (REPOSITORY / file).exists()
    for scaled in re.findall(r"--scale (\w+)=", command):
        assert scaled in SERVICES
    if words[:3] == ["docker", "compose", "exec"]:
        assert words[3] in SERVICES
    if "--filename" in words:
        name = words[words.index("--filename") + 1]
        assert (REPOSITORY / "deploy/kubernetes" / name.replace(".yaml", ".example.yaml")).exists()


def test_every_way_of_typing_a_command_was_found() -> None:
    """That the search for them finds what there is."""
    found = {command.split()[0] for command in TOLD}
    assert found == PROGRAMS, "NOT_RUN_HERE names what no page tells, or a page tells what is not named"
    assert len(TOLD) > 75


@pytest.mark.parametrize("page", [path.name for path in PAGES if path.suffix == ".md"])
def test_a_command_in_slack_that_is_told_is_in_its_help(page: str) -> None:
    [path] = [path for path in PAGES if path.name == page]
    verbs = set(re.findall(r"`/fm ([a-z]+)", path.read_text(encoding="utf-8")))
    assert {verb for verb in verbs if f"/fm {verb}" not in HELP} <= {"unignore", "help"}


@pytest.mark.parametrize("page", [str(path.relative_to(REPOSITORY)) for path in PAGES])
def test_a_variable_that_a_page_exports_is_a_setting(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    exported = [re.findall(r"(\w+)=", line) for line in re.findall(r"export (.*)", text)]
    assert {name for names in exported for name in names} <= VARIABLES
