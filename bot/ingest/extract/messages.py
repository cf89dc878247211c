"""What a child may say. A hostile file may speak through it, so each field is checked before it is believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.domain import Chunk

MAX_CHUNK_CHARS = 1000
MAX_LINE_CHARS = 500
MAX_NUMBER = 2**31


class Junk(ValueError):
    """Not a message of ours: the child is no longer to be trusted."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The child knows the file's kind and has `readers` ways to read it."""

    readers: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Chunks in order; `done` of `total` pages are read (total 0: unknown)."""

    done: int
    total: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The whole file was read, or what `partial` says. `rss` is the child's memory in bytes."""

    pages: int
    partial: str | None
    rss: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The file is refused for good."""

    code: str
    message: str
    advice: str
    rss: int


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The child ran into its memory limit and said so before it went."""


Message = Opened | Batch | Done | Rejected | OutOfMemory


def parse(body: bytes) -> Message:
    """Read a message. Raises Junk for anything else, whatever it is."""
    try:
        kind, *fields = json.loads(body)
        return _PARSERS[kind](*fields)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Junk(type(error).__name__) from None


def _opened(readers: Any) -> Opened:  # noqa: ANN401 - unchecked so far, as in all of these
    return Opened(_number(readers))


def _batch(done: Any, total: Any, chunks: Any) -> Batch:  # noqa: ANN401
    return Batch(_number(done), _number(total), tuple(_chunk(*fields) for fields in chunks))


def _chunk(ordinal: Any, page: Any, start: Any, end: Any, text: Any, label: Any, heading: Any) -> Chunk:  # noqa: ANN401
    chunk = Chunk(
        ordinal=_number(ordinal),
        page=_number(page),
        start=_number(start),
        end=_number(end),
        text=_text(text, MAX_CHUNK_CHARS),
        label=None if label is None else _text(label, MAX_LINE_CHARS),
        heading=_text(heading, MAX_LINE_CHARS),
    )
    if not text or end - start != len(text):
        raise Junk("span")
    return chunk


def _done(pages: Any, partial: Any, rss: Any) -> Done:  # noqa: ANN401
    return Done(
        _number(pages), None if partial is None else _text(partial, MAX_LINE_CHARS), _number(rss, 2**50)
    )


def _rejected(code: Any, message: Any, advice: Any, rss: Any) -> Rejected:  # noqa: ANN401
    return Rejected(
        _text(code, MAX_LINE_CHARS),
        _text(message, MAX_LINE_CHARS),
        _text(advice, MAX_LINE_CHARS),
        _number(rss, 2**50),
    )


_PARSERS = {
    "opened": _opened,
    "batch": _batch,
    "done": _done,
    "rejected": _rejected,
    "memory": OutOfMemory,
}


def _number(value: Any, most: int = MAX_NUMBER) -> int:  # noqa: ANN401
    if type(value) is not int or not 0 <= value <= most:
        raise Junk("number")
    return value


def _text(value: Any, most: int) -> str:  # noqa: ANN401
    if type(value) is not str or len(value) > most or "\x00" in value:
        raise Junk("text")
    if not value.isascii():
        value.encode()  # refuses lone surrogates, which JSON can hold
    return value
