"""What the API is wired to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.documents.repository import Transaction
from bot.domain import SpooledFile
from bot.ingest.pipeline import IngestPipeline
from bot.search.pipeline import SearchPipeline
from bot.web.api.changes import Changes
from bot.web.api.limits import Limits


class Spool(Protocol):
    """One file being received."""

    size: int

    def write(self, piece: bytes) -> None:
        """Append. Raises FileRejected as soon as the limit is passed."""
        ...

    def finish(self) -> SpooledFile:
        """Close and hand over; the receiver deletes it."""
        ...

    def discard(self) -> None:
        """Delete what was received, unless it was handed over."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """`receive_s` is how long an upload may pause, `wait_s` how long `?wait=true` waits at most."""

    transaction: Transaction
    ingest: IngestPipeline
    search: SearchPipeline
    open_spool: Callable[[], Spool]
    changes: Changes
    limits: Limits
    max_file_bytes: int
    version: str
    clock: Callable[[], float] = time.time
    receive_s: float = 30.0
    wait_s: float = 20.0
    strangers: Limits = field(default_factory=lambda: Limits(60))
