"""Why a job failed, in a form that may be logged."""

from __future__ import annotations

from traceback import extract_tb

MAX_CAUSES = 5
MAX_FRAMES = 8


def causes(error: BaseException) -> list[str]:
    """One line an error of the chain, outermost first: its type and the calls that led to it.

    Without the errors' own words, since those may quote the file that was being read.
    """
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None and len(lines) < MAX_CAUSES:
        frames = extract_tb(link.__traceback__)[-MAX_FRAMES:]
        calls = " > ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)
        lines.append(f"{type(link).__name__}: {calls}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return lines


def _short(filename: str) -> str:
    return "/".join(filename.split("/")[-2:])
