"""The command line: each command's exit code, and one line on stderr for what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
import typer
from typer.exceptions import TyperException
from typer.main import get_command

from bot.cli import copies, database, encryption, evaluation, files, insights, keys, manifest, operations, run
from bot.cli.base import DONE, FAILED, INTERRUPTED, WRONG_USE, cli
from bot.errors import FaultMavenError, QueryRejected, SettingError

log = structlog.get_logger(__name__)

__all__ = [
    "cli",
    "copies",
    "database",
    "encryption",
    "evaluation",
    "files",
    "insights",
    "keys",
    "main",
    "manifest",
    "operations",
    "run",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. What goes wrong is told in one line on stderr."""
    try:
        code = int(get_command(cli)(args=arguments, prog_name="fm", standalone_mode=False) or DONE)
        return _complain("Stopped.", code) if code == INTERRUPTED else code
    except TyperException as error:
        said = error.format_message()
        return _complain(f"{said}{'' if said[-1] in '.?' else '.'} See `fm --help`.", error.exit_code)
    except FaultMavenError as error:
        wrong_use = isinstance(error, SettingError | QueryRejected)
        said = ". ".join(part.rstrip(".") for part in (error.public_message, error.advice) if part)
        return _complain(f"{said}.", WRONG_USE if wrong_use else FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("Stopped.", INTERRUPTED)
    except Exception:  # the edge; the log leaves out what a traceback should not show
        log.exception("unexpected_error")
        return _complain("Something went wrong that should not have; the log above says where.", FAILED)


def _complain(line: str, code: int) -> int:
    typer.echo(f"fm: {' '.join(line.split())}", err=True)
    return code
