"""What a child process runs, `python -m bot.ingest.child PARENT LIMITS`: extract and chunk, file after file.

It dies rather than go on after anything unforeseen; its parent starts another.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from bot.errors import FileRejected
from bot.ingest.chunk import Style, chunk
from bot.ingest.extract import frames
from bot.ingest.extract.bounded import bounded
from bot.ingest.extract.confine import CpuBudget, confine, die_with_parent, memory_in_use
from bot.ingest.extract.contents import kind_of
from bot.ingest.extract.limits import LimitReached, Limits, OcrTime
from bot.ingest.extract.outbox import Outbox
from bot.ingest.extract.readers import readers_of
from bot.ingest.extract.reading import DAMAGED, Reading, Source, Unreadable, no_text

STYLES: dict[str, Style] = {
    "pdf": "prose",
    "docx": "markdown",
    "pptx": "prose",
    "xlsx": "lines",
    "xls": "lines",
    "xlsb": "lines",
    "odt": "markdown",
    "ods": "lines",
    "eml": "markdown",
    "msg": "markdown",
    "zip": "prose",
    "tar": "prose",
    "gzip": "prose",
    "ipynb": "markdown",
    "rtf": "markdown",
    "epub": "markdown",
    "html": "markdown",
    "image": "prose",
    "text": "prose",
    "subtitles": "prose",
    "post": "markdown",
    "markdown": "markdown",
    "log": "lines",
    "code": "lines",
    "csv": "lines",
    "json": "lines",
    "yaml": "lines",
}


def main(parent: int, limits: Limits) -> None:
    """Serve requests from stdin until it ends."""
    die_with_parent(parent)
    out = os.dup(1)
    os.dup2(2, 1)  # a library that prints must not speak in our name
    outbox = Outbox(out, hang_up=0)
    sys.excepthook = partial(_report, outbox)
    confine(limits)
    while (request := frames.read(sys.stdin.buffer)) is not None:
        serve(request, limits, outbox)


def _report(
    outbox: Outbox, kind: type[BaseException], _error: BaseException, trace: TracebackType | None
) -> None:
    """Tell where an error came from before the process ends by it; what it says may be text of the file."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"
    outbox.end("failed", f"{kind.__name__} at {where}")


def serve(request: Any, limits: Limits, outbox: Outbox) -> None:  # noqa: ANN401  # our parent's JSON
    """Read one file and send its chunks and the verdict."""
    outbox.begin()
    try:
        pages, partial = _read(request, limits, outbox)
    except FileRejected as rejected:
        outbox.end("rejected", rejected.code, rejected.public_message, rejected.advice, memory_in_use())
    except MemoryError:
        outbox.end("memory")
    else:
        outbox.end("done", pages, partial, memory_in_use())


def _read(request: Any, limits: Limits, outbox: Outbox) -> tuple[int, str | None]:  # noqa: ANN401  # as above
    """Try the readers of the file's kind from the requested one on. Returns pages and what is missing."""
    path = Path(request["path"])
    kind = kind_of(path, request["name"], request["mimetype"], limits)
    readers = readers_of(kind)
    outbox.opened(len(readers))
    verdict: FileRejected = Unreadable(*DAMAGED)
    for number in range(request["reader"], len(readers)):
        ocr_time = OcrTime()
        budget = CpuBudget(limits, ocr_time)
        source = Source(
            path,
            kind,
            limits,
            deaths=tuple(request["deaths"]),
            part_begins=partial(_part_begins, outbox, budget),
            ocr_time=ocr_time,
        )
        try:
            return _send(readers[number](source), source, budget, outbox)
        except Unreadable as unreadable:
            verdict = unreadable if verdict.code == "damaged" else verdict  # a password says more
    raise verdict


def _part_begins(outbox: Outbox, budget: CpuBudget, number: int) -> None:
    """A part has its CPU time as a page has, and is known as the one to blame for what comes."""
    budget.page(0)
    outbox.part(number)


def _send(reading: Reading, source: Source, budget: CpuBudget, outbox: Outbox) -> tuple[int, str | None]:
    ordinal = done = 0
    missing = None
    pages = bounded(reading, source.limits, budget)
    try:
        for page in pages:
            chunks = list(chunk([page], STYLES[page.kind or source.kind], first=ordinal))
            ordinal += len(chunks)
            done = page.number
            outbox.page(done, max(done, reading.total), chunks)
    except LimitReached as limit:
        missing = str(limit)
    if not ordinal:
        raise no_text(source.kind, missing)
    return (done if missing else max(done, reading.total)), missing


if __name__ == "__main__":
    main(int(sys.argv[1]), Limits.from_json(sys.argv[2]))
