"""This process among its replicas: its lease, what they tell each other, and what one does for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog

from bot.app.notices import Notices, Topic, open_notices
from bot.database import Database
from bot.documents.spaces import Spaces
from bot.domain import DocumentId
from bot.errors import FaultMavenError
from bot.ingest.replica import LEASE_S, Beat, Replica
from bot.jobs.asyncio_runner import AsyncioRunner
from bot.ports import StatusListener
from bot.providers.budget import Budget
from bot.slack.background import Background

log = structlog.get_logger(__name__)

Cancel = Callable[[DocumentId], Awaitable[None]]
Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Replicas:
    """`me` is this process; `shared` whether there can be others."""

    me: Replica
    notices: Notices
    shared: bool

    def attach(
        self, runner: AsyncioRunner, database: Database, spaces: Spaces, budgets: Sequence[Budget]
    ) -> tuple[Callable[[], None], Cancel]:
        """Let what others do reach the runner, and divide what vendors allow among all.

        How to wake all runners, and how to cancel a document wherever it is worked on.
        """
        background = Background()

        def cancel(document_id: str) -> None:
            background.start(runner.cancel(document_id))

        async def refresh() -> None:
            with suppress(FaultMavenError):  # the next beat comes soon
                async with database.transaction(reading=True) as tx:
                    spaces.noted(await tx.reembeddings.spaces())

        def beaten(beat: Beat) -> None:
            for budget in budgets:
                budget.divide(beat.living)
            if beat.freed:
                runner.wake()
            if self.shared and not beat.eldest:
                background.start(refresh())

        self.me.on_beat.append(beaten)
        self.notices.on(Topic.CANCEL, cancel)
        self.notices.on(Topic.WORK, runner.wake)
        self.notices.on(Topic.LEFT, self.me.look)

        def wake_all() -> None:
            runner.wake()
            self.notices.tell(Topic.WORK)

        async def cancel_everywhere(document_id: DocumentId) -> None:
            self.notices.tell(Topic.CANCEL, document_id)
            await runner.cancel(document_id)

        return wake_all, cancel_everywhere

    async def as_eldest(self, works: Mapping[str, Work]) -> None:
        """Do what one does for all, whenever that is this replica, until cancelled."""
        while True:
            await self.me.eldest.wait()
            log.info("works_for_all")
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work(), name=name) for name, work in works.items()]
                await self.me.deposed()
                for task in tasks:
                    task.cancel()
            log.info("no_longer_works_for_all")


class Nobody:
    """Instead of `Replicas`, for who claims nothing, or has the database alone for as long as a command."""

    def attach(
        self, runner: AsyncioRunner, _database: Database, _spaces: Spaces, _budgets: Sequence[Budget]
    ) -> tuple[Callable[[], None], Cancel]:
        """The runner's own calls."""
        return runner.wake, runner.cancel


class SharedStatus:
    """`ports.StatusListener`: the eldest writes the replies, so it is told of what others change."""

    def __init__(self, replies: StatusListener, notices: Notices) -> None:
        self._replies = replies
        self._notices = notices
        notices.on(Topic.DOCUMENT, lambda document_id: replies.document_changed(DocumentId(document_id)))

    def document_changed(self, document_id: DocumentId) -> None:
        """As the port says."""
        self._replies.document_changed(document_id)
        self._notices.tell(Topic.DOCUMENT, document_id)


@asynccontextmanager
async def open_replicas(
    database: Database, shared_url: str | None, lease_s: float = LEASE_S
) -> AsyncIterator[Replicas]:
    """Join the replicas on this database, and leave them at the end: what is held then is free at once."""
    async with open_notices(database.transaction, shared_url) as notices:
        me = Replica(database.transaction, alone=shared_url is None, lease_s=lease_s)
        await me.join()
        beating = asyncio.create_task(me.run())
        try:
            yield Replicas(me, notices, shared_url is not None)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            try:
                await me.leave()
                notices.tell(Topic.LEFT)
                await notices.told()
            except FaultMavenError as error:  # its lease will lapse
                log.info("left_without_a_word", cause=error.public_message)
