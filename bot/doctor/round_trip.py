"""A file through the real pipelines, in a folder of its own."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import app
from bot.doctor.finding import Finding, Verdict, failure
from bot.errors import FaultMavenError
from bot.playground.demo import SAMPLES
from bot.settings import Settings

FULL_TIMEOUT_S = 60.0
SAMPLE = SAMPLES / "database-failover-runbook.md"


async def round_trip(settings: Settings) -> Finding:
    """A file through the real pipelines, in a folder of its own."""
    started = time.perf_counter()
    try:
        with TemporaryDirectory(prefix="faultmaven-doctor-") as folder:
            # Pinecone is looked at elsewhere: a sample has no business in an index that people search
            apart = settings.apart(Path(folder, "data")).model_copy(update={"pinecone_api_key": None})
            async with asyncio.timeout(FULL_TIMEOUT_S), app.local(apart) as here:
                await here.index([SAMPLE], lambda _: None)
                found = await here.search("promote the standby", 1)
    except FaultMavenError as error:
        return failure("full check", error)
    except TimeoutError:
        return Finding(
            "full check", Verdict.PROBLEM, "not done in time", "Look for what else loads this machine."
        )
    if not found.passages:
        return Finding("full check", Verdict.PROBLEM, "a file was read and not found", "Please report this.")
    if found.notes:
        return Finding("full check", Verdict.WARNING, "; ".join(found.notes), "The findings above say why.")
    return Finding(
        "full check", Verdict.FINE, f"read and found a file in {time.perf_counter() - started:.1f} s"
    )
