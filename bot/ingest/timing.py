"""Timing: how long each stage of a document takes, told to the log and to whoever counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bot.domain import Stage

log = structlog.get_logger(__name__)

OnStage = Callable[[Stage, float], None]
"""Is told a stage that was done, and its seconds."""


def uncounted(_stage: Stage, _seconds: float) -> None:
    """Nobody counts."""


@contextmanager
def timed(stage: Stage, on_stage: OnStage) -> Iterator[None]:
    """One stage of one document; what fails in it is not told."""
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    log.info("stage_done", stage=stage, seconds=round(seconds, 3))
    on_stage(stage, seconds)
