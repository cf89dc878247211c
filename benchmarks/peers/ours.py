"""FaultMaven as `fm index` and `fm search` run it: children that read, state and index on the disk."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from measured import TOP, Report

from bot.app import local
from bot.domain import DocumentId
from bot.settings import Settings


async def main() -> None:
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        async with local(settings) as here:
            documents = await here.index(sorted(report.folder.iterdir()), lambda _: None)
        report.ingested(sum(document.chunks for document in documents))  # its children have ended
        names = {DocumentId(document.id): document.name for document in documents}
        async with local(settings) as here:
            for question in report.questions:
                started = time.perf_counter()
                found = await here.search(question, TOP)
                took_ms = (time.perf_counter() - started) * 1e3
                report.answered([(names[p.document_id], p.page) for p in found.passages], took_ms)
            report.write()


asyncio.run(main())
