"""The database: whether it opens, and what waits, failed or was given up in it."""

from __future__ import annotations

from bot.app.core import open_database
from bot.app.providers import DATABASE_NAME
from bot.doctor.finding import Finding, Verdict, failure
from bot.domain import Status
from bot.errors import FaultMavenError
from bot.settings import Settings
from bot.slack.render import count

MAX_PARKED_SHOWN = 100


async def database(settings: Settings) -> Finding:
    """Whether it opens, and what is in it."""
    path = settings.data_dir / DATABASE_NAME
    if settings.database_url is None and not path.exists():
        return Finding("database", Verdict.NOTE, "none yet; the first start makes it")
    try:
        async with open_database(settings, read_only=True) as database, database.transaction() as tx:
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
