"""`fm db`: what the database holds; `fm db create-index`: Pinecone's index, before the first file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from bot.app.core import open_database
from bot.app.providers import DATABASE_NAME, create_index
from bot.cli.base import AsJson, cli, personal_settings
from bot.documents.figures import SpaceFigures
from bot.documents.spaces import progress
from bot.documents.tables import Reembedding
from bot.settings import MIB, Settings
from bot.slack.render_text import count

db = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})
cli.add_typer(db, name="db")


@dataclass(frozen=True, slots=True)
class Figures:
    """All that `fm db` shows; `size` is in bytes, with what SQLite has not folded into the file yet.

    `path` is None for PostgreSQL.
    """

    path: Path | None
    size: int
    schema: str
    tables: dict[str, int]
    spaces: Sequence[SpaceFigures]
    reembedding: Sequence[Reembedding]


@db.callback(invoke_without_command=True)
def show(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show where the database is, what it holds, and how far re-embedding is. A bot may be running.

    For example: fm db --json
    """
    if context.invoked_subcommand is not None:
        return
    figures = asyncio.run(_figures(personal_settings()))
    if as_json:
        typer.echo(json.dumps(_as_json(figures), indent=2))
        return
    typer.echo(f"{figures.path or 'PostgreSQL'}, {figures.size / MIB:,.1f} MiB, schema {figures.schema}")
    for name, rows in figures.tables.items():
        typer.echo(f"  {name:24} {rows:>9,}")
    typer.echo("Searched in")
    for space in figures.spaces:
        what = f"{count(space.documents, 'document')}, {count(space.passages, 'passage')}"
        typer.echo(f"  {space.space or 'not noted yet':24} {count(space.workspaces, 'workspace')}, {what}")
    for row in figures.reembedding:
        done = row.done >= row.total and not row.error
        typer.echo(f"{row.workspace_id}: {'removing former embeddings' if done else progress(row)}")


@db.command("create-index")
def create() -> None:
    """Create Pinecone's index with the fields that the bot needs, unless it is there; wait until it is ready.

    Its dimension is that of the embeddings that are set. For example: fm db create-index
    """
    settings = personal_settings()
    name, created = asyncio.run(create_index(settings, _tell_wait))
    typer.echo(f"The index {name} {'was created' if created else 'is there'} and can be used")


def _tell_wait(seconds: float) -> None:
    typer.echo(f"Pinecone prepares the index: {seconds:.0f} s", err=True)


async def _figures(settings: Settings) -> Figures:
    embedded = (settings.data_dir / DATABASE_NAME).absolute()
    path = embedded if settings.database_url is None else None
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        return Figures(
            path=path,
            size=sum(file.stat().st_size for file in embedded.parent.glob(f"{embedded.name}*"))
            if path
            else await tx.figures.size_on_server(),
            schema=await tx.figures.schema(),
            tables=await tx.figures.tables(),
            spaces=await tx.figures.spaces(),
            reembedding=await tx.reembeddings.all(),
        )


def _as_json(figures: Figures) -> dict[str, Any]:
    return {
        "path": str(figures.path) if figures.path else None,
        "bytes": figures.size,
        "schema": figures.schema,
        "tables": figures.tables,
        "spaces": [asdict(space) for space in figures.spaces],
        "reembedding": [
            {
                "workspace": row.workspace_id,
                "space": row.space,
                "done": row.done,
                "total": row.total,
                "leftover": row.leftover,
                "error": row.error,
            }
            for row in figures.reembedding
        ],
    }
