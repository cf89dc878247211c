"""`fm eval`: how good the search is, on a labelled collection or on what people voted for."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import app
from bot.app.evaluation import trial
from bot.cli.answers import measure_answers
from bot.cli.base import FAILED, AsJson, cli, personal_settings
from bot.cli.figures import show_evaluation
from bot.cli.progress import progress
from bot.errors import SettingError
from bot.evaluate import run
from bot.evaluate.collection import Collection, collection_in
from bot.evaluate.figures import Answered, Evaluation, fallen, read_baseline
from bot.evaluate.save import new_folder
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


FromVotes = Annotated[
    bool, typer.Option("--from-votes", help="Ask what people voted on, in the index as it is, instead.")
]
SaveFolder = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="With --from-votes: also write questions and texts to a new folder."),
]

AnswersFolder = Annotated[
    Path | None,
    typer.Option(
        metavar="SET", help="Ask for answers instead: a folder with documents/ and questions.jsonl."
    ),
]


@cli.command("eval")
def evaluate(  # noqa: PLR0913  # each is an option of the command
    folder: Folder = None,
    *,
    answers: AnswersFolder = None,
    from_votes: FromVotes = False,
    save: SaveFolder = None,
    as_json: AsJson = False,
    limit_queries: LimitQueries = None,
    baseline: BaselineFile = None,
    local: Local = False,
    verbose: Verbose = False,
) -> None:
    """Measure the search: nDCG@10, recall, MRR and milliseconds, by words, by meaning, both, and reranked.

    For example: fm eval scifact --json > before.json, and later: fm eval scifact --baseline before.json
    """
    if answers is not None:
        others = {"FOLDER": folder, "--from-votes": from_votes, "--save": save, "--baseline": baseline}
        for option, value in (others | {"--limit-queries": limit_queries}).items():
            if value:
                raise SettingError(option, "doesn't go with --answers")
        measure_answers(personal_settings(), answers, local=local, verbose=verbose, as_json=as_json)
        return
    _check_use(folder, {"--limit-queries": limit_queries, "--local": local}, from_votes, {"--save": save})
    settings = personal_settings()
    before = read_baseline(baseline) if baseline else {}
    if folder is None:
        evaluation, asked = asyncio.run(_from_votes(settings, save))
    else:
        if local:
            settings = settings.model_copy(update={"co_api_key": None, "pinecone_api_key": None})
        collection = collection_in(folder, limit_queries)
        _tell_of_vendors(settings, collection)
        evaluation, asked = asyncio.run(_from_collection(settings, collection))
    name = folder.absolute().name if folder else "votes"
    show_evaluation(name, evaluation, asked if verbose else [], as_json=as_json)
    if worse := fallen(before, evaluation):
        for line in worse:
            typer.echo(line, err=True)
        raise typer.Exit(FAILED)


def _check_use(
    folder: Path | None, with_folder: dict[str, object], from_votes: bool, with_votes: dict[str, object]
) -> None:
    """Raises SettingError unless one of the two is there, and nothing that goes with the other."""
    if (folder is None) != from_votes:
        raise SettingError("FOLDER", "either it or --from-votes has to be given", "See `fm eval --help`.")
    for option, value in (with_folder if from_votes else with_votes).items():
        if value:
            raise SettingError(option, f"goes with {'FOLDER' if from_votes else '--from-votes'} alone")


async def _from_collection(settings: Settings, collection: Collection) -> tuple[Evaluation, list[Answered]]:
    async with trial(settings) as (pipeline, scope):
        return await run.evaluate(pipeline, scope, collection, progress)


async def _from_votes(settings: Settings, save: Path | None) -> tuple[Evaluation, list[Answered]]:
    """Beside a running bot, if there is one: nothing is written but the folder."""
    async with app.local(settings, read_only=True) as here:
        if save is not None:
            new_folder(save)
        return await run.evaluate_votes(here.core.search, progress, into=save)


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
