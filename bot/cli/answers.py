"""`fm eval --answers`: how good the answers are, on questions over documents of a folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from bot import app
from bot.app.local import SCOPE
from bot.cli.base import FAILED
from bot.cli.progress import progress
from bot.domain import DocumentId, Status
from bot.errors import SettingError
from bot.evaluate.answers import DOCUMENTS, Asked, Judged, ask, figures, questions_in
from bot.search.access import Access
from bot.settings import Settings

NO_VENDOR = {"co_api_key": None, "chat_url": None}
LABEL_CHARS, QUESTION_CHARS = 18, 80


def measure_answers(settings: Settings, folder: Path, *, local: bool, verbose: bool, as_json: bool) -> None:
    """Index the documents in a folder of its own, ask, and show. Exit 1 if a citation doesn't stand."""
    documents, questions = questions_in(folder)
    # The passages stay here: at Pinecone they would be among those of `fm index`.
    settings = settings.model_copy(update={"pinecone_api_key": None} | (NO_VENDOR if local else {}))
    if settings.co_api_key or settings.chat_url:
        typer.echo(
            "Texts and questions go to the vendors whose keys are set; --local sends nothing", err=True
        )
    judged = asyncio.run(_judge(settings, documents, questions))
    found = figures(judged)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        for one in judged if verbose else ():
            typer.echo(f"{'good' if one.good else 'poor'}  {_one_line(one.asked.question)}")
        for name, value in found.items():
            typer.echo(f"{name.replace('_', ' '):{LABEL_CHARS}} {'-' if value is None else value}")
    if found["citation_validity"] not in {1.0, None}:
        raise typer.Exit(FAILED)


async def _judge(settings: Settings, documents: Sequence[Path], questions: Sequence[Asked]) -> list[Judged]:
    with TemporaryDirectory(prefix="fm-eval-") as data_dir:
        settings = settings.apart(Path(data_dir))
        async with app.local(settings) as here:
            indexed = await here.index(documents, lambda _document: None)
            for path, document in zip(documents, indexed, strict=True):
                if document.status != Status.INDEXED:
                    raise SettingError(f"{DOCUMENTS}/{path.name}", document.error_detail or "can't be read")
            names = {DocumentId(d.id): path.name for path, d in zip(documents, indexed, strict=True)}
            with progress("asked", len(questions)) as report:
                return await ask(here.core.answers, Access(SCOPE), names, questions, report)


def _one_line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:QUESTION_CHARS]
