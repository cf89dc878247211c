"""`fm` as tests run it: in this process, with everything it said."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from bot.cli import main


@dataclass(frozen=True)
class Ran:
    """A command that came to its end."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # as the command printed it
        return json.loads(self.out)


Run = Callable[..., Ran]


@contextmanager
def command_line(capture: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run commands by their words. Logging, which commands set up, is put back at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*words: object) -> Ran:
        capture.readouterr()
        code = main([str(word) for word in words])
        said = capture.readouterr()
        return Ran(code, said.out, said.err)

    try:
        yield run
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()
