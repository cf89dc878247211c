"""`fm reconcile`, `fm doctor`: for whoever runs the bot."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from bot import app, doctor, terminal
from bot.cli.base import FAILED, AsJson, cli, personal_settings
from bot.cli.progress import progress
from bot.domain import Status
from bot.ingest.reconcile import Reconciled
from bot.ingest.upkeep import Upkeep
from bot.settings import Settings


@cli.command()
def reconcile(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what differs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the database with the index and repair what differs; the bot must not be running.

    A running bot does this by itself every hour. Events that were given up get another try, too.

    For example: fm reconcile --dry-run
    """
    found, events = asyncio.run(_reconcile(personal_settings(), repair=not dry_run))
    terminal.show_reconciled(found, events, repaired=not dry_run, as_json=as_json)


@cli.command("doctor")
def examine(
    *,
    full: Annotated[bool, typer.Option("--full", help="Also have each do its work once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check each setting and all that the bot depends on, and name the fix for what is wrong.

    For example: fm doctor --full
    """
    findings = asyncio.run(doctor.examine(full=full))
    terminal.show_findings(findings, as_json=as_json)
    if any(finding.verdict is doctor.Verdict.PROBLEM for finding in findings):
        raise typer.Exit(FAILED)


async def _reconcile(settings: Settings, *, repair: bool) -> tuple[Reconciled, int]:
    """What differed, and how many parked events wait for the next start."""
    async with app.local(settings) as local:
        with progress("compared", unit="documents") as report:
            async with local.core.database.transaction(reading=True) as tx:
                documents = (await tx.documents.counts_all())[Status.INDEXED]
            report(0, documents)
            upkeep = Upkeep(local.core.ingest, settings.purge_after_s)
            found = await upkeep.reconcile(
                repair=repair, on_workspace=lambda found: report(min(found.checked, documents), documents)
            )
        async with local.core.database.transaction() as tx:
            if repair:
                return found, await tx.inbox.unpark_all(now=time.time())
            return found, await tx.inbox.parked_count()
