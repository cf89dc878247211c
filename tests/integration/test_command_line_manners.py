"""How the command line speaks: help, suggestions, colours, completion, and being cut short."""

from __future__ import annotations

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.command_line import Run
from typer.main import get_command

from bot.cli import cli

REPOSITORY = Path(__file__).parents[2]
FM = [sys.executable, "-m", "bot"]
DEADLINE_S = 60
COLOUR = re.compile(r"\x1b\[(?:\d+;)*3[0-8][;m]")


def commands() -> Iterator[str]:
    """Each command by its words, those of groups and the groups themselves, too."""
    waiting = [("", get_command(cli))]
    while waiting:
        words, command = waiting.pop()
        yield words
        children = getattr(command, "commands", {})
        waiting += [(f"{words} {name}".strip(), child) for name, child in children.items()]


def described(words: str) -> str:
    command = get_command(cli)
    for word in words.split():
        command = command.commands[word]  # type: ignore[attr-defined]  # a group
    return " ".join((command.help or "").split())


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return kept | {
        "FM_DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": str(REPOSITORY),
        "TERM": "xterm-256color",
        "COLUMNS": "100",
    }


def on_a_terminal(words: list[str], environment: dict[str, str], interrupt_at: str = "") -> tuple[int, str]:
    """The exit code and all that the terminal got; SIGINT, as Ctrl-C sends it, once those words are there."""
    ours, theirs = pty.openpty()
    former = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests run in the background ignore it
    process = subprocess.Popen([*FM, *words], env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    signal.signal(signal.SIGINT, former)
    os.close(theirs)
    watchdog = threading.Timer(DEADLINE_S, process.kill)
    watchdog.start()
    shown = b""
    with suppress(OSError):  # the terminal's other end is closed
        while part := os.read(ours, 4096):
            shown += part
            if interrupt_at and interrupt_at.encode() in shown:
                process.send_signal(signal.SIGINT)
                interrupt_at = ""
    os.close(ours)
    watchdog.cancel()
    return process.wait(DEADLINE_S), shown.decode()


def some_files(folder: Path, number: int) -> str:
    folder.mkdir()
    for one in range(number):
        (folder / f"{one}.txt").write_text(f"page {one} of the runbook about disks")
    return str(folder)


def examples(words: str) -> list[list[str]]:
    """The commands of an example, each by its words after `fm`."""
    said = re.split(r"\b(?:For e|E)xample: ", described(words))[1:]
    lines = [line for each in said for line in re.split(r" && | > \S+|, and later: ", each)]
    return [shlex.split(found[1]) for line in lines if (found := re.search(r"(?:^| )fm\b(.*)", line))]


@pytest.mark.parametrize("words", sorted(commands()))
def test_the_help_of_a_command_has_an_example_of_it_that_is_right_use(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("runbooks", "postmortem.pdf"):
        (tmp_path / name).mkdir()
    shown = examples(words)
    assert [one for one in shown if one[: len(words.split())] == words.split()]
    for one in shown:
        command, rest = get_command(cli), list(one)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]  # type: ignore[attr-defined]  # a group
        command.make_context("fm", rest).close()  # raises for what can't be parsed


def test_the_help_tells_the_exit_codes_in_the_words_of_the_readme(fm: Run) -> None:
    ran = fm("--help")
    assert ran.code == 0
    told = dict(re.findall(r"(\d+) (\w+)", ran.out.partition("Exit codes:")[2]))
    readme = (REPOSITORY / "README.md").read_text("utf-8").partition("Exit codes:")[2]
    assert dict(re.findall(r"\*\*(\d+)\*\* (\w+)", readme)[:4]) == told
    assert set(told) == {"0", "1", "2", "130"}


@pytest.mark.parametrize(
    ("words", "meant"), [(["serach", "x"], "search"), (["db", "bakcup"], "backup"), (["stats"], "status")]
)
def test_an_unknown_command_is_answered_with_the_likest(fm: Run, words: list[str], meant: str) -> None:
    ran = fm(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f"Did you mean '{meant}'? See" in ran.err


def test_a_shell_completes_commands_and_options(environment: dict[str, str]) -> None:
    asked = {"_FM_COMPLETE": "complete_bash", "COMP_WORDS": "fm db re", "COMP_CWORD": "2"}
    completed = subprocess.run(FM, env=environment | asked, capture_output=True, text=True, check=True)
    assert completed.stdout.split() == ["restore"]


def test_a_terminal_shows_a_bar_with_speed_and_colours_and_ctrl_c_ends_it_with_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    files = some_files(tmp_path / "files", 1_000)
    code, shown = on_a_terminal(["index", files], environment, interrupt_at="files/s")
    assert re.search(r"/1,?000", shown)
    assert COLOUR.search(shown)
    assert code == 130
    assert shown.endswith("fm: Stopped.\r\n")
    assert shown.count("Stopped") == 1
    assert "Traceback" not in shown


def test_without_colours_where_somebody_wants_none(environment: dict[str, str]) -> None:
    code, shown = on_a_terminal(["index", "--help"], environment | {"NO_COLOR": "1"})
    assert code == 0
    assert "For example" in shown
    assert not COLOUR.search(shown)
