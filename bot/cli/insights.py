"""`fm insights`: what people ask and don't find."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from typing import Annotated

import typer

from bot.app.core import open_database
from bot.cli.base import AsJson, cli, personal_settings
from bot.documents.insights import Insights
from bot.settings import Settings
from bot.slack.render_insights import insights_lines

DAY_S = 86_400.0
QUESTIONS = 20


@cli.command()
def insights(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back.")] = 30,
    *,
    as_json: AsJson = False,
) -> None:
    """Show which questions found nothing and which answers did not help, most frequent first.

    For example: fm insights --days 7
    """
    found = asyncio.run(_insights(personal_settings(), days))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
        return
    for line in insights_lines(found, days):
        typer.echo(line)


async def _insights(settings: Settings, days: int) -> Insights:
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        return await tx.insights.insights(None, since=time.time() - days * DAY_S, limit=QUESTIONS)
