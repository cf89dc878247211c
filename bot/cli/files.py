"""`fm index`, `fm search`, `fm status`, `fm retry`: files of this machine, and what became of all."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot import app, terminal
from bot.app.core import open_database
from bot.cli.base import FAILED, AsJson, cli, personal_settings
from bot.cli.progress import progress
from bot.documents.tables import Document
from bot.domain import API_WORKSPACE, DocumentId, SearchResult, Status
from bot.errors import OperatorError
from bot.search.pipeline import DEFAULT_LIMIT, MAX_LIMIT
from bot.settings import Settings
from bot.slack.render import status_line

STATUS_DOCUMENTS = 20

Words = Annotated[list[str], typer.Argument(help='Words, "exact words" and operators.')]
Limit = Annotated[int, typer.Option(min=1, max=MAX_LIMIT, help="How many passages at most.")]


@cli.command()
def index(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files, or folders of files.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Index files of this machine; what is indexed already is left as it is.

    For example: fm index runbooks/ postmortem.pdf
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    documents = asyncio.run(_index(personal_settings(), files))
    terminal.show_indexed(files, documents, as_json=as_json)
    if any(document.status == Status.FAILED for document in documents):
        raise typer.Exit(FAILED)


@cli.command()
def search(query: Words, limit: Limit = DEFAULT_LIMIT, *, as_json: AsJson = False) -> None:
    """Search the files that `fm index` has read.

    type:, before:, after:, on: and during: narrow it by the file and the day it was first indexed (UTC).
    Without words it lists files.

    For example: fm search 'type:pdf after:2026-01-31 "read only" replica'
    """
    asked = " ".join(query)
    result, paths = asyncio.run(_search(personal_settings(), asked, limit))
    terminal.show_passages(asked, result, paths, as_json=as_json)


@cli.command()
def status(*, as_json: AsJson = False) -> None:
    """Show what is indexed, under way and failed: files from Slack and files of this machine.

    For example: fm status --json
    """
    counts, documents = asyncio.run(_status(personal_settings()))
    terminal.show_status(counts, documents, as_json=as_json)


@cli.command()
def retry(file: Annotated[str, typer.Argument(help="A file's name, its path, or its id in Slack.")]) -> None:
    """Have a file read anew. A running bot sees to it within seconds, else the next one that runs.

    For example: fm retry runbook.pdf
    """
    for document in asyncio.run(_retry(personal_settings(), {file, str(Path(file).absolute())})):
        typer.echo(f"Will be read anew: {terminal.name_of(document)}")


async def _index(settings: Settings, files: Sequence[Path]) -> list[Document]:
    settled: set[str] = set()
    with progress("indexed", len(files), "files") as report:

        def tell(document: Document) -> None:
            if document.status in {Status.INDEXED, Status.FAILED}:
                settled.add(document.id)
            report(len(settled), note=status_line(document))

        async with app.local(settings) as here:
            documents = await here.index(files, tell)
            await here.reembed()
            return documents


async def _search(settings: Settings, query: str, limit: int) -> tuple[SearchResult, dict[str, str]]:
    """What was found, and the path of each document in it."""
    async with app.local(settings, read_only=True) as here:
        result = await here.search(query, limit)
        async with here.core.database.transaction(reading=True) as tx:
            shown = [p.document_id for p in result.passages] + [d.document_id for d in result.documents]
            found = [await tx.documents.get(document_id) for document_id in shown]
    return result, {document.id: document.file_id for document in found if document}


async def _status(settings: Settings) -> tuple[dict[Status, int], Sequence[Document]]:
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        return await tx.documents.counts_all(), await tx.documents.latest_all(STATUS_DOCUMENTS)


async def _retry(settings: Settings, words: set[str]) -> list[Document]:
    """Put the documents of this name back in the queue; a running bot may have the folder."""
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        documents = await tx.documents.find_all(words)
    if not documents:
        raise OperatorError("There is no document of that name", "`fm status` lists the latest")
    kept = [document for document in documents if document.workspace_id != API_WORKSPACE]
    if not kept:
        raise OperatorError("What was uploaded by the HTTP API is not kept once read", "Upload it again")
    async with open_database(settings, alone=False) as database, database.transaction() as tx:
        return [
            document
            for document in kept
            if await tx.documents.requeue(DocumentId(document.id), now=time.time(), force=True)
        ]


def _files(path: Path) -> Iterator[Path]:
    """A file itself, or the files of a folder and its folders, hidden ones left out."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
