from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs
from support.workshop import Workshop, running

from bot.domain import FileId, Job, Status, WorkspaceId
from bot.errors import OperatorError, ProviderUnavailable


async def test_waiting_documents_are_performed_in_the_order_of_their_arrival(shop: Workshop) -> None:
    ids = []
    for number in range(5):
        shop.now += 1
        ids.append(await shop.accept(f"F{number}"))
    async with running(shop.runner(concurrency=1)):
        await shop.until(shop.quiet)
    assert [job.key for job in shop.started] == ids
    assert {await shop.status(document_id) for document_id in ids} == {Status.INDEXED}


async def test_never_more_jobs_run_than_there_are_slots_and_none_is_claimed_early(shop: Workshop) -> None:
    ids = [await shop.accept(f"F{number}") for number in range(9)]
    opened = asyncio.Event()

    async def task(_job: Job) -> None:
        await opened.wait()

    shop.task = task
    async with running(shop.runner(concurrency=3)):
        await shop.until_started(3)
        for _ in range(3):
            statuses = [await shop.status(document_id) for document_id in ids]
            assert statuses.count(Status.PROCESSING) == 3
        opened.set()
        await shop.until(shop.quiet)
    assert shop.most_in_flight == 3


async def test_a_woken_runner_does_not_wait_for_its_poll(shop: Workshop) -> None:
    runner = shop.runner(poll_s=3600)
    async with running(runner):
        for number in range(3):
            document_id = await shop.accept(f"F{number}")
            runner.wake()
            await shop.until(shop.quiet)
            assert await shop.status(document_id) == Status.INDEXED


async def test_what_nobody_announced_is_found_by_polling(shop: Workshop) -> None:
    async with running(shop.runner(poll_s=0.02)):
        document_id = await shop.accept("F1")
        await shop.until(shop.quiet)
    assert await shop.status(document_id) == Status.INDEXED


async def test_a_retry_is_performed_when_it_is_due_and_not_before(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        if len(shop.started) == 1:
            raise ProviderUnavailable("Slack is out of reach")

    shop.task = task
    runner = shop.runner()

    async def postponed() -> bool:
        return (await shop.document(document_id)).error_code is not None

    async with running(runner):
        await shop.until(postponed)
        runner.wake()
        document = await shop.document(document_id)
        assert (document.status, document.error_detail) == (Status.PENDING, "Slack is out of reach")
        assert len(shop.started) == 1
        shop.now = document.not_before
        runner.wake()
        await shop.until(shop.quiet)
    assert [job.attempt for job in shop.started] == [1, 1], "somebody else's outage is no attempt"
    assert await shop.status(document_id) == Status.INDEXED


async def test_a_long_outage_uses_up_no_attempts(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        if len(shop.started) <= 30:
            raise ProviderUnavailable("Slack is out of reach")

    shop.task = task

    async def over() -> bool:
        shop.now += 1_000
        return await shop.quiet()

    async with running(shop.runner(poll_s=0.005)):
        await shop.until(over)
    assert await shop.status(document_id) == Status.INDEXED
    assert (await shop.document(document_id)).attempts == 1


async def test_a_bug_is_given_up_after_some_attempts_and_its_words_are_not_logged(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        raise ValueError("a line of the file")

    shop.task = task
    runner = shop.runner(poll_s=0.02)

    async def over() -> bool:
        shop.now += 1_000
        return await shop.quiet()

    with capture_logs() as logs:
        async with running(runner):
            await shop.until(over)
    assert await shop.status(document_id) == Status.FAILED
    assert [job.attempt for job in shop.started] == [1, 2, 3, 4, 5]
    failures = [entry for entry in logs if entry["event"] == "job_failed"]
    assert len(failures) == 5
    assert all("ValueError" in entry["causes"][0] for entry in failures)
    assert "a line of the file" not in repr(logs)


async def test_a_cancellation_from_within_a_job_does_not_lose_its_document(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(job: Job) -> None:
        if job.attempt == 1:
            raise asyncio.CancelledError

    shop.task = task
    runner = shop.runner(poll_s=0.02)

    async def over() -> bool:
        shop.now += 1_000
        return await shop.quiet()

    async with running(runner):
        await shop.until(over)
    assert await shop.status(document_id) == Status.INDEXED
    assert [job.attempt for job in shop.started] == [1, 2]


async def test_what_a_dead_process_left_is_performed_at_the_start(shop: Workshop) -> None:
    document_id = await shop.accept("F1")
    assert await shop.queue.claim() is not None  # and the process dies
    async with running(shop.runner()):
        await shop.until(shop.quiet)
    assert await shop.status(document_id) == Status.INDEXED
    assert [job.attempt for job in shop.started] == [2]


async def test_a_document_that_kills_each_process_is_given_up_and_the_others_go_on(shop: Workshop) -> None:
    poison = await shop.accept("poison")
    shop.now += 1
    for attempt in range(5):
        job = await shop.queue.claim()
        assert job is not None
        assert (job.key, job.attempt) == (poison, attempt + 1)
        if attempt < 4:
            assert await shop.queue.recover() == 1
            waits = (await shop.document(poison)).not_before > shop.now
            assert waits == (attempt > 0), "the first time it is read again at once"
            shop.now += 1_000  # others come first meanwhile
    good = await shop.accept("good")
    async with running(shop.runner()):
        await shop.until(shop.quiet)
    assert await shop.status(good) == Status.INDEXED
    document = await shop.document(poison)
    assert (document.status, document.error_code) == (Status.FAILED, "poison")


async def test_stopping_lets_running_jobs_end_and_starts_no_other(shop: Workshop) -> None:
    first, second = await shop.accept("F1"), await shop.accept("F2")
    opened = asyncio.Event()

    async def task(_job: Job) -> None:
        await opened.wait()

    shop.task = task
    runner = shop.runner(concurrency=1)
    run = asyncio.create_task(runner.run())
    await shop.until_started(1)
    runner.stop()
    opened.set()
    await run
    assert sorted([await shop.status(first), await shop.status(second)]) == [Status.INDEXED, Status.PENDING]
    assert len(shop.started) == 1


async def test_what_does_not_end_in_time_is_given_back_without_counting(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        await asyncio.Event().wait()

    shop.task = task
    runner = shop.runner(drain_s=0.02)
    run = asyncio.create_task(runner.run())
    await shop.until_started(1)
    runner.stop()
    await run
    document = await shop.document(document_id)
    assert (document.status, document.attempts, document.token) == (Status.PENDING, 0, None)


async def test_a_cancelled_runner_gives_its_jobs_back(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        await asyncio.Event().wait()

    shop.task = task
    run = asyncio.create_task(shop.runner().run())
    await shop.until_started(1)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    document = await shop.document(document_id)
    assert (document.status, document.attempts) == (Status.PENDING, 0)


async def test_a_runner_that_was_stopped_before_it_ran_claims_nothing(shop: Workshop) -> None:
    document_id = await shop.accept("F1")
    runner = shop.runner()
    runner.stop()
    await runner.run()
    assert await shop.status(document_id) == Status.PENDING


async def test_cancelling_a_deleted_document_ends_its_job_and_writes_nothing(shop: Workshop) -> None:
    document_id = await shop.accept("F1")
    ended = asyncio.Event()

    async def task(_job: Job) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    shop.task = task
    runner = shop.runner()
    async with running(runner):
        await shop.until_started(1)
        async with shop.database.transaction() as tx:
            await tx.documents.tombstone(WorkspaceId("T1"), FileId("F1"), now=shop.now)
        before = (await shop.document(document_id)).model_dump()
        await runner.cancel(document_id)
        assert ended.is_set()
        assert (await shop.document(document_id)).model_dump() == before
        await runner.cancel(document_id)


async def test_a_cancelled_job_that_still_owned_its_document_is_performed_again(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        if len(shop.started) == 1:
            await asyncio.Event().wait()

    shop.task = task
    runner = shop.runner()
    async with running(runner):
        await shop.until_started(1)
        await runner.cancel(document_id)
        await shop.until(shop.quiet)
    assert await shop.status(document_id) == Status.INDEXED
    assert [job.attempt for job in shop.started] == [1, 1]


class Flaky:
    """A store that fails at the first call of each kind, as a locked or full database does."""

    def __init__(self, shop: Workshop) -> None:
        self._store = shop.queue
        self.failed: list[str] = []

    def _once(self, call: str) -> None:
        if call not in self.failed:
            self.failed.append(call)
            raise OperatorError("The database can't be opened") if call == "recover" else OSError(call)

    async def recover(self) -> int:
        self._once("recover")
        return await self._store.recover()

    async def claim(self) -> Job | None:
        self._once("claim")
        return await self._store.claim()

    async def next_due_in(self) -> float | None:
        return await self._store.next_due_in()

    async def release(self, job: Job) -> None:
        await self._store.release(job)

    async def settle(self, job: Job, error: Exception) -> None:
        self._once("settle")
        await self._store.settle(job, error)


async def test_a_store_that_fails_is_asked_again_until_it_answers(shop: Workshop) -> None:
    document_id = await shop.accept("F1")

    async def task(_job: Job) -> None:
        if len(shop.started) == 1:
            raise ProviderUnavailable("Slack is out of reach")

    shop.task = task
    shop.queue = flaky = Flaky(shop)

    async def over() -> bool:
        shop.now += 1_000
        return await shop.quiet()

    with capture_logs() as logs:
        async with running(shop.runner(poll_s=0.02)):
            await shop.until(over)
    assert flaky.failed == ["recover", "claim", "settle"]
    assert await shop.status(document_id) == Status.INDEXED
    unusable = [entry["call"] for entry in logs if entry["event"] == "job_store_unusable"]
    assert unusable == ["recover", "claim", "settle"]


async def test_a_runner_whose_store_fails_for_good_stops_all_the_same(shop: Workshop) -> None:
    await shop.accept("F1")

    class Broken(Flaky):
        def _once(self, call: str) -> None:
            failing.set()
            raise OSError(call)

    failing = asyncio.Event()
    shop.queue = Broken(shop)
    runner = shop.runner()
    run = asyncio.create_task(runner.run())
    await failing.wait()
    runner.stop()
    await run
    assert not shop.started
