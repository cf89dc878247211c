"""The database: whether it opens and is sound, and what waits, failed or was given up in it."""

from __future__ import annotations

import asyncio
import os

from bot.app.core import open_database
from bot.app.providers import DATABASE_NAME
from bot.doctor.finding import Finding, Verdict, failure
from bot.documents import copies
from bot.domain import Status
from bot.errors import FaultMavenError
from bot.settings import Settings
from bot.slack.render import count

MAX_PARKED_SHOWN = 100


def nothing_yet(settings: Settings) -> bool:
    """Whether the embedded database is still to be made by the first start."""
    return settings.database_url is None and not (settings.data_dir / DATABASE_NAME).exists()


async def database(settings: Settings) -> Finding:
    """Whether it opens, and what is in it."""
    if nothing_yet(settings):
        return Finding("database", Verdict.NOTE, "none yet; the first start makes it")
    try:
        async with (
            open_database(settings, read_only=True) as database,
            database.transaction(reading=True) as tx,
        ):
            counts = await tx.documents.counts_all()
            parked = await tx.inbox.parked(MAX_PARKED_SHOWN)
    except FaultMavenError as error:
        return failure("database", error)
    found = ", ".join(f"{number:,} {status}" for status, number in counts.items())
    if parked:
        reasons = ", ".join(sorted({f"{event.type}: {event.error}" for event in parked}))
        return Finding(
            "database",
            Verdict.PROBLEM,
            f"{found}; {count(len(parked), 'event')} given up ({reasons})",
            "Mend the cause, stop the bot, and run `fm reconcile`: it gives them another try.",
        )
    if counts[Status.FAILED]:
        return Finding("database", Verdict.NOTE, found, "`fm status` tells what failed and why.")
    return Finding("database", Verdict.FINE, found)


async def soundness(settings: Settings) -> Finding:
    """Whether every page of the embedded database is sound and it can be written to. Reads all of it."""
    name, path = "integrity", settings.data_dir / DATABASE_NAME
    if settings.database_url is not None:
        return Finding(name, Verdict.NOTE, "PostgreSQL looks after that itself")
    if not path.exists():
        return Finding(name, Verdict.NOTE, "no database yet")
    try:
        version = await asyncio.to_thread(copies.check, path)
    except FaultMavenError as error:
        return failure(name, error)
    if not os.access(path, os.W_OK):
        return Finding(
            name, Verdict.PROBLEM, f"{path} can't be written to", f"Run the bot as the owner of {path}."
        )
    return Finding(name, Verdict.FINE, f"sound, schema {version}")
