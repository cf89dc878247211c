"""Logs: structured, on stderr, without tokens."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from bot.settings import Settings

SECRETS = (
    r"(?:xox[a-z]|xapp)-[A-Za-z0-9-]+",  # Slack's tokens
    r"(?<=/commands/)[A-Za-z0-9/]+",  # the secret part of a command's response address
    r"(?i:bearer )\S+",
    r"(?<=://)[^\s/@]+(?=@)",  # who enters a database, and the password
    r"pcsk_[A-Za-z0-9_-]+",  # Pinecone's keys
    r"(?<=fmk_[0-9a-f]{8}_)[A-Za-z0-9_-]+",  # the secret part of a key of the HTTP API
    r"(?<=client_secret=)[^\s&]+",
)
TOKEN = re.compile("|".join(SECRETS))
DEPTH = 3
"""How deep a value of a record may be nested; what lies deeper isn't logged."""


def configure_logging(settings: Settings) -> None:
    """Send structlog's and the libraries' records to stderr in one format. Repeatable."""
    pretty = settings.log_format == "pretty" or (settings.log_format == "auto" and sys.stderr.isatty())
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if pretty
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))  # what libraries say below that holds bodies of requests
    logging.getLogger("bot").setLevel(level)


def redact(_logger: object, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what opens a door, wherever a library or an exception put it."""
    for key, value in record.items():
        if not key.startswith("_"):  # structlog's own
            record[key] = _redacted(value, DEPTH)
    return record


def _redacted(value: object, depth: int) -> object:
    if isinstance(value, str):
        return TOKEN.sub("[redacted]", value)
    if not isinstance(value, Mapping | list | tuple | set | frozenset):
        return value
    if not depth:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _redacted(item, depth - 1) for key, item in value.items()}
    return [_redacted(item, depth - 1) for item in value]
