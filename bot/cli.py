"""The command line. Exit codes: 0 done, 1 it ran and something failed, 2 wrong use or setting."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from typer.exceptions import TyperException
from typer.main import get_command

from bot import __version__, app, doctor, terminal
from bot.app.core import open_database
from bot.documents.tables import Document
from bot.domain import DocumentId, SearchResult, Status
from bot.errors import FaultMavenError, OperatorError, QueryRejected, SettingError
from bot.ingest.reconcile import Reconciled
from bot.ingest.upkeep import Upkeep
from bot.playground.manifest import manifest_path
from bot.search.pipeline import DEFAULT_LIMIT, MAX_LIMIT
from bot.settings import Settings

log = structlog.get_logger(__name__)

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
STATUS_DOCUMENTS = 20

cli = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes a free one.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Don't open the page in a browser.")]
Limit = Annotated[int, typer.Option(min=1, max=MAX_LIMIT, help="How many passages at most.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. What goes wrong is told in one line on stderr."""
    try:
        return int(get_command(cli)(args=arguments, prog_name="fm", standalone_mode=False) or DONE)
    except TyperException as error:
        return _complain(f"{error.format_message().rstrip('.')}. See `fm --help`.", error.exit_code)
    except FaultMavenError as error:
        wrong_use = isinstance(error, SettingError | QueryRejected)
        said = ". ".join(part.rstrip(".") for part in (error.public_message, error.advice) if part)
        return _complain(f"{said}.", WRONG_USE if wrong_use else FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception:  # the edge; the log leaves out what a traceback should not show
        log.exception("unexpected_error")
        return _complain("Something went wrong that should not have; the log above says where.", FAILED)


def _complain(line: str, code: int) -> int:
    typer.echo(f"fm: {' '.join(line.split())}", err=True)
    return code


@cli.callback(invoke_without_command=True)
def fm(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """FaultMaven for Slack: what is in the files your team shares, found by asking.

    Without a command it serves Slack when its tokens are set, and shows the demo when they are not.
    """
    if version:
        typer.echo(f"fm {__version__}")
    elif context.invoked_subcommand is None:
        if Settings.from_environment().slack_mode == "none":
            demo()
        else:
            serve()


@cli.command()
def serve() -> None:
    """Serve Slack until told to stop; the tokens decide whether in Socket Mode or over HTTP."""
    settings = Settings.from_environment()
    app.configure_logging(settings)
    asyncio.run(_until_told(_serve(settings)))


@cli.command()
def demo(port: Port = 0, *, no_open: NoOpen = False) -> None:
    """Try it in the browser: the real bot in a Slack of its own; nothing leaves this machine."""
    asyncio.run(_until_told(_demo(_personal_settings(), port, open_page=not no_open)))


@cli.command()
def index(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files, or folders of files.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Index files of this machine; what is indexed already is left as it is."""
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    documents = asyncio.run(_index(_personal_settings(), files))
    terminal.show_indexed(files, documents, as_json=as_json)
    if any(document.status == Status.FAILED for document in documents):
        raise typer.Exit(FAILED)


@cli.command()
def search(query: str, limit: Limit = DEFAULT_LIMIT, *, as_json: AsJson = False) -> None:
    """Search the files that `fm index` has read."""
    result, paths = asyncio.run(_search(_personal_settings(), query, limit))
    terminal.show_passages(query, result, paths, as_json=as_json)


@cli.command()
def status(*, as_json: AsJson = False) -> None:
    """Show what is indexed, under way and failed: files from Slack and files of this machine."""
    counts, documents = asyncio.run(_status(_personal_settings()))
    terminal.show_status(counts, documents, as_json=as_json)


@cli.command()
def retry(file: Annotated[str, typer.Argument(help="A file's name, its path, or its id in Slack.")]) -> None:
    """Have a file read anew. A running bot sees to it within seconds, else the next one that runs."""
    for document in asyncio.run(_retry(_personal_settings(), {file, str(Path(file).absolute())})):
        typer.echo(f"Will be read anew: {terminal.name_of(document)}")


@cli.command()
def reconcile(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what differs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the database with the index and repair what differs; the bot must not be running.

    A running bot does this by itself every hour. Events that were given up get another try, too.
    """
    found, events = asyncio.run(_reconcile(_personal_settings(), repair=not dry_run))
    terminal.show_reconciled(found, events, repaired=not dry_run, as_json=as_json)


@cli.command()
def manifest() -> None:
    """Print the manifest that the Slack app is made from."""
    typer.echo(manifest_path().read_text(encoding="utf-8"), nl=False)


@cli.command("doctor")
def examine(
    *,
    full: Annotated[bool, typer.Option("--full", help="Also index a small file and find it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check each setting and all that the bot depends on, and name the fix for what is wrong."""
    findings = asyncio.run(doctor.examine(full=full))
    terminal.show_findings(findings, as_json=as_json)
    if any(finding.verdict is doctor.Verdict.PROBLEM for finding in findings):
        raise typer.Exit(FAILED)


def _personal_settings() -> Settings:
    """For commands whose own words a person reads: the log says only what is amiss, unless asked for more."""
    settings = Settings.from_environment()
    if "log_level" not in settings.model_fields_set:
        settings = settings.model_copy(update={"log_level": "warning"})
    app.configure_logging(settings)
    return settings


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run until SIGTERM or Ctrl-C. That cancels the work once, and it drains however often it is asked."""
    task = asyncio.ensure_future(work)
    told = asyncio.Event()

    def stop() -> None:
        if not told.is_set():
            told.set()
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told.is_set():
            raise


async def _serve(settings: Settings) -> None:
    async with app.running(settings) as bot:
        log.info("ready", url=bot.url, slack=settings.slack_mode)
        await bot.tasks.failed.wait()
    raise OperatorError("A part of the bot ended by itself", "The log has the cause; start it again")


async def _demo(settings: Settings, port: int, *, open_page: bool) -> None:
    try:
        async with app.demo(settings, port=port) as running:
            typer.echo(f"The demo is at {running.page_url} (Ctrl-C ends it; nothing is kept)")
            if open_page:
                _open(running.page_url)
            await running.bot.tasks.failed.wait()
    except OSError as error:
        raise SettingError("--port", f"{port} can't be listened on ({error.strerror})") from error
    raise OperatorError("A part of the bot ended by itself", "The log has the cause; start it again")


def _open(url: str) -> None:
    """Open a page where there is a screen: without one, a text browser would take the terminal over."""

    def opening() -> None:
        with suppress(webbrowser.Error):
            webbrowser.open(url)

    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        threading.Thread(target=opening, daemon=True).start()


async def _index(settings: Settings, files: Sequence[Path]) -> list[Document]:
    with terminal.progress(len(files)) as report:
        async with app.local(settings) as here:
            return await here.index(files, report)


async def _search(settings: Settings, query: str, limit: int) -> tuple[SearchResult, dict[str, str]]:
    """What was found, and the path of each document in it."""
    async with app.local(settings, read_only=True) as here:
        result = await here.search(query, limit)
        async with here.core.database.transaction() as tx:
            found = [await tx.documents.get(passage.document_id) for passage in result.passages]
    return result, {document.id: document.file_id for document in found if document}


async def _status(settings: Settings) -> tuple[dict[Status, int], Sequence[Document]]:
    async with open_database(settings, read_only=True) as database, database.transaction() as tx:
        return await tx.documents.counts_all(), await tx.documents.latest_all(STATUS_DOCUMENTS)


async def _retry(settings: Settings, words: set[str]) -> list[Document]:
    """Put the documents of this name back in the queue; a running bot may have the folder."""
    async with open_database(settings, read_only=True) as database, database.transaction() as tx:
        documents = await tx.documents.find_all(words)
    if not documents:
        raise OperatorError("There is no document of that name", "`fm status` lists the latest")
    async with open_database(settings, alone=False) as database, database.transaction() as tx:
        return [
            document
            for document in documents
            if await tx.documents.requeue(DocumentId(document.id), now=time.time(), force=True)
        ]


async def _reconcile(settings: Settings, *, repair: bool) -> tuple[Reconciled, int]:
    """What differed, and how many parked events wait for the next start."""
    async with app.local(settings) as local:
        found = await Upkeep(local.core.ingest, settings.purge_after_s).reconcile(repair=repair)
        async with local.core.database.transaction() as tx:
            if repair:
                return found, await tx.inbox.unpark_all(now=time.time())
            return found, await tx.inbox.parked_count()


def _files(path: Path) -> Iterator[Path]:
    """A file itself, or the files of a folder and its folders, hidden ones left out."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
