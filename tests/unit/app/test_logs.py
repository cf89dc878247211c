from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from support.logs import logged


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:
    """What is written to stderr."""
    del capsys
    with logged() as written:
        yield written


def test_a_record_is_one_line_of_json(lines: io.StringIO) -> None:
    structlog.get_logger("bot.x").info("file_rejected", document="d1")
    record = json.loads(lines.getvalue())
    assert (record["event"], record["document"], record["level"]) == ("file_rejected", "d1", "info")


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-456-abcDEF",
        "xapp-1-A0-1-ff00",
        "xoxe.xoxp-1-abcDEF",
        "Bearer abc.def",
        "/commands/T0ACME001/1/abcDEF",
        "postgresql://fm:abcDEF@db.internal/fm",
        "pcsk_abcDEF",
        "fmk_0123abcd_abcDEF",
        "client_secret=abcDEF&x=1",
    ],
)
def test_no_token_reaches_the_log_whoever_logs_it(lines: io.StringIO, secret: str) -> None:
    structlog.get_logger("bot.x").warning("call_failed", url=f"https://hooks.slack.com{secret}")
    logging.getLogger("somebody.else").warning("calling with %s", secret)
    structlog.get_logger("bot.x").info("causes", causes=[secret], about={"header": (secret,)})
    structlog.get_logger("bot.x").error("request_failed", exc_info=RuntimeError(f"bad header {secret}"))
    assert "[redacted]" in lines.getvalue()
    for part in ("abcDEF", "ff00", "abc.def"):
        assert part not in lines.getvalue()


@pytest.mark.parametrize("library", ["slack_sdk.web", "aiosqlite", "one.that.comes.later"])
def test_no_library_prints_bodies_even_when_debugging(lines: io.StringIO, library: str) -> None:
    logging.getLogger(library).debug("body: the file's text")
    assert lines.getvalue() == ""
