"""What the bot writes to its log, as whoever runs it sees it."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.app.logs import configure_logging
from bot.settings import Settings


@contextmanager
def logged(level: str = "debug") -> Iterator[io.StringIO]:
    """Lines of JSON; logging is put back as it was afterwards."""
    root = logging.getLogger()
    handlers, former, stderr = root.handlers[:], root.level, sys.stderr
    sys.stderr = written = io.StringIO()
    try:
        configure_logging(Settings(log_format="json", log_level=level))
        yield written
    finally:
        sys.stderr = stderr
        root.handlers[:] = handlers
        root.setLevel(former)
        structlog.reset_defaults()
