"""`fm db backup`, `fm db restore`, `fm db check`: copies of the embedded database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.app.providers import DATABASE_NAME
from bot.cli.base import personal_settings
from bot.cli.database import db
from bot.cli.progress import Report, progress
from bot.documents import copies
from bot.errors import SettingError
from bot.settings import MIB, Settings

PAGES_A_MIB = MIB // 4096
"""SQLite's pages are of 4 KiB unless somebody chose otherwise."""
NewFile = Annotated[Path, typer.Argument(metavar="PATH", help="The new file; nothing is overwritten.")]
Copy = Annotated[Path, typer.Argument(metavar="PATH", help="What `fm db backup` wrote.")]
Looked = Annotated[
    Path | None,
    typer.Argument(metavar="PATH", help="Another database, such as a backup.", show_default=False),
]


@db.command()
def backup(path: NewFile) -> None:
    """Copy the database to a new file, whole and checked. A bot may be running and writing.

    For example: fm db backup faultmaven-2026-01-31.db
    """
    source = _embedded(personal_settings(), "pg_dump --format=custom")
    with progress("copied", unit="MiB") as report:
        version = copies.backup(source, path.absolute(), _in_mib(report))
    typer.echo(f"{path}: {path.stat().st_size / MIB:,.1f} MiB, schema {version}, checked")


@db.command()
def restore(path: Copy) -> None:
    """Put a backup in the database's place; the bot must not be running. The replaced file is kept.

    For example: fm db restore faultmaven-2026-01-31.db
    """
    settings = personal_settings()
    target = _embedded(settings, "pg_restore --clean")
    with progress("copied", unit="MiB") as report:
        version, kept = copies.restore(path.absolute(), target, _in_mib(report))
    typer.echo(f"{target} is {path} now, schema {version}; the next start brings it up to date")
    if kept is not None:
        typer.echo(f"What it replaced is kept: {kept}")
    if settings.pinecone_api_key is not None:
        typer.echo("Run `fm reconcile`: the passages at Pinecone may be newer")


@db.command()
def check(path: Looked = None) -> None:
    """Check that the database, or a backup, is sound. A bot may be running.

    For example: fm db check faultmaven-2026-01-31.db
    """
    looked_at = path or _embedded(personal_settings(), "pg_amcheck")
    version = copies.check(looked_at.absolute())
    typer.echo(f"{looked_at} is sound, schema {version}")


def _in_mib(report: Report) -> copies.OnPages:
    return lambda done, total: report(done // PAGES_A_MIB, total // PAGES_A_MIB)


def _embedded(settings: Settings, instead: str) -> Path:
    """The file of the database. Raises SettingError where it is none."""
    if settings.database_url is not None:
        raise SettingError(
            "FM_DATABASE_URL", "is Postgres, which has its own tool for it", f"Use `{instead}`."
        )
    return (settings.data_dir / DATABASE_NAME).absolute()
