"""`fm eval`: how good the search is, on a labelled collection or on what people voted for."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.app.evaluation import trial
from bot.cli.base import FAILED, AsJson, cli, personal_settings
from bot.cli.figures import progress, show_evaluation
from bot.errors import SettingError
from bot.evaluate import run
from bot.evaluate.collection import Collection, collection_in
from bot.evaluate.figures import Answered, Evaluation, fallen, read_baseline
from bot.settings import Settings

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="FOLDER", help="A folder with corpus.jsonl, queries.jsonl and qrels/test.tsv."),
]
LimitQueries = Annotated[int | None, typer.Option(min=1, help="Ask only the first so many questions.")]
BaselineFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="What --json printed before: exit 1 if nDCG@10 fell by more than 0.01."
    ),
]
Local = Annotated[bool, typer.Option("--local", help="Use no vendor, whatever keys are set.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Also show each question and its nDCG@10.")]


@cli.command("eval")
def evaluate(
    folder: Folder = None,
    *,
    as_json: AsJson = False,
    limit_queries: LimitQueries = None,
    baseline: BaselineFile = None,
    local: Local = False,
    verbose: Verbose = False,
) -> None:
    """Measure the search: nDCG@10, recall, MRR and milliseconds, by words, by meaning, both, and reranked.

    For example: fm eval scifact --json > before.json, and later: fm eval scifact --baseline before.json
    """
    settings = personal_settings()
    before = read_baseline(baseline) if baseline else {}
    if folder is None:
        raise SettingError("FOLDER", "is not given", "See `fm eval --help`.")
    collection = collection_in(folder, limit_queries)
    if local:
        settings = settings.model_copy(update={"co_api_key": None, "pinecone_api_key": None})
    _tell_of_vendors(settings, collection)
    evaluation, answers = asyncio.run(_evaluate(settings, collection))
    show_evaluation(folder.absolute().name, evaluation, answers if verbose else [], as_json=as_json)
    if worse := fallen(before, evaluation):
        for line in worse:
            typer.echo(line, err=True)
        raise typer.Exit(FAILED)


async def _evaluate(settings: Settings, collection: Collection) -> tuple[Evaluation, list[Answered]]:
    async with trial(settings) as (pipeline, scope):
        return await run.evaluate(pipeline, scope, collection, progress)


def _tell_of_vendors(settings: Settings, collection: Collection) -> None:
    """Say what leaves this machine, before it does; somebody at a terminal may say no."""
    keys = {"Cohere": settings.co_api_key, "Pinecone": settings.pinecone_api_key}
    vendors = [vendor for vendor, key in keys.items() if key is not None]
    if not vendors:
        return
    typer.echo(
        f"{collection.documents:,} texts ({collection.characters / 1e6:,.1f} million characters) and "
        f"{len(collection.questions):,} questions go to {' and '.join(vendors)}; --local sends nothing",
        err=True,
    )
    if sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm("Go on?", abort=True, err=True)
