from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.workshop import Workshop, running, workshop

from bot.domain import DocumentId, FileId, Job, Status, WorkspaceId
from bot.errors import ExtractionInterrupted, ProviderUnavailable
from bot.ingest.queue import MAX_ATTEMPTS

ENDINGS = st.sampled_from(["well", "unavailable", "bug", "cancelled", "interrupted", "deleted", "again"])
examples = itertools.count()


class Script:
    """What the attempts at each document do, one after the other; after that they go well."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.endings: dict[str, list[str]] = {}
        self.files: dict[str, str] = {}
        self.deleted: set[str] = set()

    async def task(self, job: Job) -> None:
        self.shop.now += 1_000  # every retry is due at once
        await asyncio.sleep(0)
        endings = self.endings[job.key]
        match endings.pop(0) if endings else "well":
            case "unavailable":
                raise ProviderUnavailable("later")
            case "bug":
                raise ValueError
            case "cancelled":
                raise asyncio.CancelledError
            case "interrupted":
                raise ExtractionInterrupted("crash", "it died")
            case "deleted":
                self.deleted.add(job.key)
                async with self.shop.database.transaction() as tx:
                    file_id = FileId(self.files[job.key])
                    await tx.documents.tombstone(WorkspaceId("T1"), file_id, now=self.shop.now)
            case "again":
                async with self.shop.database.transaction() as tx:
                    await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=self.shop.now)
                    await tx.documents.requeue(DocumentId(job.key), now=self.shop.now)


def test_whatever_jobs_do_each_document_ends_indexed_given_up_or_deleted(tmp_path: Path) -> None:
    with asyncio.Runner() as loop:
        opened = workshop(tmp_path)
        shop = loop.run(opened.__aenter__())

        @given(st.lists(st.lists(ENDINGS, max_size=7), min_size=1, max_size=5), st.integers(1, 4))
        @settings(max_examples=25, deadline=None)
        def check(scripts: list[list[str]], concurrency: int) -> None:
            loop.run(_perform(shop, scripts, concurrency))

        try:
            check()
        finally:
            loop.run(opened.__aexit__(None, None, None))


async def _perform(shop: Workshop, scripts: list[list[str]], concurrency: int) -> None:
    script = Script(shop)
    shop.task, shop.started, shop.most_in_flight = script.task, [], 0
    outages: Counter[str] = Counter()
    for endings in scripts:
        name = f"F{next(examples)}"
        document_id = await shop.accept(name)
        script.endings[document_id], script.files[document_id] = list(endings), name
        outages[document_id] = endings.count("unavailable")

    async def over() -> bool:
        shop.now += 1_000
        return await shop.quiet()

    async with running(shop.runner(concurrency=concurrency, poll_s=0.02)):
        await shop.until(over)
    attempts = Counter(job.key for job in shop.started)
    assert shop.most_in_flight <= concurrency
    for document_id in script.endings:
        document = await shop.document(DocumentId(document_id))
        assert document.token is None
        if document_id in script.deleted:
            assert document.tombstoned_at is not None
        else:
            assert document.status in {Status.INDEXED, Status.FAILED}
            counted = attempts[document_id] - outages[document_id]
            assert counted <= MAX_ATTEMPTS * document.generation
            if document.status == Status.FAILED:
                assert document.error_detail
