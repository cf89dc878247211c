"""What a child may say. A hostile file may speak through it, so every field is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain import Chunk
from bot.ingest.extract.frames import BadFrame, unpack

MAX_CHUNK_CHARS = 1000
MAX_LINE_CHARS = 500
MAX_NUMBER = 2**31
MAX_BYTES = 2**50
MAX_READERS = 4
"""Each may cost the parent a new child."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The child knows the file's kind and has `readers` ways to read it."""

    readers: int


@dataclass(frozen=True, slots=True)
class PartBegins:
    """What comes is of this part of the file; each has a higher number than the one before."""

    number: int


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


@dataclass(frozen=True, slots=True)
class Failed:
    """A mistake of ours stopped the child: the error's name and the line of code, nothing of the file."""

    where: str


Message = Opened | PartBegins | Batch | Done | Rejected | OutOfMemory | Failed


def parse(frame: bytes) -> Message:
    """Read a message. Raises BadFrame for anything else, whatever it is."""
    message, text = unpack(frame)
    try:
        kind, *fields = message
        return _PARSERS[kind](text, *fields)
    except (ValueError, TypeError, KeyError) as error:
        raise BadFrame(type(error).__name__) from None


def _opened(_: str, readers: Any) -> Opened:  # noqa: ANN401 - unchecked so far, as in all of these
    return Opened(_number(readers, MAX_READERS))


def _part(_: str, number: Any) -> PartBegins:  # noqa: ANN401  # as above
    return PartBegins(_number(number))


def _batch(text: str, done: Any, total: Any, rows: Any) -> Batch:  # noqa: ANN401  # as above
    """Chunks whose texts stand one after the other in `text`."""
    chunks = []
    used = 0
    for ordinal, page, start, end, label, heading in rows:
        size = _number(end) - _number(start)
        if not 0 < size <= MAX_CHUNK_CHARS:
            raise BadFrame("span")
        chunks.append(
            Chunk(
                ordinal=_number(ordinal),
                page=_number(page),
                start=start,
                end=end,
                text=text[used : used + size],
                label=None if label is None else _text(label),
                heading=_text(heading),
            )
        )
        used += size
    if used != len(text) or "\x00" in text:
        raise BadFrame("text")
    return Batch(_number(done), _number(total), tuple(chunks))


def _done(_: str, pages: Any, partial: Any, rss: Any) -> Done:  # noqa: ANN401  # as above
    return Done(_number(pages), None if partial is None else _text(partial), _number(rss, MAX_BYTES))


def _rejected(_: str, code: Any, message: Any, advice: Any, rss: Any) -> Rejected:  # noqa: ANN401  # as above
    return Rejected(_text(code), _text(message), _text(advice), _number(rss, MAX_BYTES))


def _failed(_: str, where: Any) -> Failed:  # noqa: ANN401  # as above
    return Failed(_text(where))


def _memory(_: str) -> OutOfMemory:
    return OutOfMemory()


_PARSERS: dict[str, Callable[..., Message]] = {
    "opened": _opened,
    "part": _part,
    "batch": _batch,
    "done": _done,
    "rejected": _rejected,
    "memory": _memory,
    "failed": _failed,
}


def _number(value: Any, most: int = MAX_NUMBER) -> int:  # noqa: ANN401  # as above
    if type(value) is not int or not 0 <= value <= most:
        raise BadFrame("number")
    return value


def _text(value: Any) -> str:  # noqa: ANN401  # as above
    if type(value) is not str or len(value) > MAX_LINE_CHARS or "\x00" in value:
        raise BadFrame("text")
    if not value.isascii():
        value.encode()  # raises for lone surrogates, which JSON can hold
    return value
