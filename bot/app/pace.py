"""How often and how soon things are done. The defaults suit Slack; tests are in more of a hurry."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ingest.backfill import LOOK_S as BACKFILL_LOOK_S
from bot.ingest.pipeline import DEBOUNCE_S, LATEST_S
from bot.ingest.reembed import LOOK_S as REEMBED_LOOK_S
from bot.ingest.reembed import RETRY_S as REEMBED_RETRY_S
from bot.ingest.replica import LEASE_S
from bot.ingest.upkeep import LOOK_S as UPKEEP_LOOK_S
from bot.providers.deadlines import USUAL as DEADLINES
from bot.providers.deadlines import Deadlines
from bot.slack.link import PATIENCE_S, PING_S, WATCH_S


@dataclass(frozen=True, slots=True)
class Pace:
    """All in seconds, but for `job_patience`."""

    debounce_s: float = DEBOUNCE_S
    latest_s: float = LATEST_S
    backfill_look_s: float = BACKFILL_LOOK_S
    upkeep_look_s: float = UPKEEP_LOOK_S
    reembed_look_s: float = REEMBED_LOOK_S
    reembed_retry_s: float = REEMBED_RETRY_S
    lease_s: float = LEASE_S
    """A replica that doesn't renew it counts as dead, and others do its work."""
    job_patience: float = 1.0
    """Factor of the pauses between a document's attempts."""
    vendors: Deadlines = DEADLINES
    socket_watch_s: float = WATCH_S
    socket_ping_s: float = PING_S
    socket_patience_s: float = PATIENCE_S


USUAL = Pace()
