"""Lines of a file from outside, bounded; what is wrong is told with file and line, never with the text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.errors import SettingError

LINE_BYTES = 32 * 1024 * 1024
"""Six times the longest text that is indexed of one file, as JSON may write it."""
MAX_LINES = 2_000_000
MAX_ID_CHARS = 500
ADVICE = "docs/evaluation.md shows the files and their fields"


def malformed(path: Path, number: int, problem: str) -> SettingError:
    """What is wrong in a line, counted from 1."""
    return SettingError(f"{path.name} line {number}", problem, ADVICE)


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that aren't blank, with their numbers. Raises SettingError."""
    if not path.is_file():  # a pipe would be waited for
        raise SettingError(path.name, "is not there, or not a file", ADVICE)
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_BYTES + 1):
                number += 1
                if len(line) > LINE_BYTES:
                    raise malformed(path, number, f"has more than {LINE_BYTES:,} bytes")
                if number > MAX_LINES:
                    raise malformed(path, number, f"is more than the {MAX_LINES:,} lines that are read")
                if line.strip():
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise malformed(path, number, "is not UTF-8") from error
    except OSError as error:
        raise SettingError(path.name, f"can't be read ({error.strerror})", ADVICE) from error


def objects_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file, one a line, with their numbers. Raises SettingError."""
    for number, line in lines_of(path):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise malformed(path, number, "is not JSON") from error
        if not isinstance(value, dict):
            raise malformed(path, number, "is not a JSON object")
        yield number, value


def id_of(path: Path, number: int, value: object) -> str:
    """An id as text; whole numbers are taken as they are written. Raises SettingError."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_ID_CHARS:
        raise malformed(path, number, f"has no id of 1 to {MAX_ID_CHARS} characters")
    return value.encode("utf-8", "replace").decode()


def text_of(path: Path, number: int, value: dict[str, Any], field: str) -> str:
    """A field that is text; absent or null is empty. Raises SettingError."""
    text = value.get(field)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise malformed(path, number, f"has a `{field}` that is not text")
    return text
