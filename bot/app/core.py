"""What every way of running shares: state, index, the pipelines and the runner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.answer.pipeline import AnswerPipeline
from bot.app.counts import UNCOUNTED, Counts
from bot.app.pace import USUAL, Pace
from bot.app.providers import DATABASE_NAME, Providers, open_providers
from bot.app.replicas import Nobody, Replicas
from bot.database import Database
from bot.documents.replicas import ALONE
from bot.domain import WorkspaceId
from bot.ingest.extract.pool import ChildPool
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.queue import DocumentQueue
from bot.ingest.reembed import Reembedder
from bot.jobs.asyncio_runner import AsyncioRunner
from bot.ports import FileSource, StatusListener, VectorIndex
from bot.providers.budget import Breaker
from bot.search.pipeline import SearchPipeline
from bot.settings import Settings
from bot.settings.secrets import plain

DOCUMENTS_IN_FLIGHT = 4
"""Documents between claim and finish: while some are read, others are downloaded or embedded."""
CHILDREN = 2
DRAIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Core:
    """The opened parts; closing them is `open_core`'s."""

    database: Database
    index: VectorIndex
    ingest: IngestPipeline
    search: SearchPipeline
    answers: AnswerPipeline
    runner: AsyncioRunner
    reembedder: Reembedder
    circuits: Mapping[str, Breaker]
    children: ChildPool

    def circuit_states(self) -> dict[str, str]:
        """Which vendors' calls are made now, by name."""
        return {name: str(breaker.state) for name, breaker in self.circuits.items()}


@asynccontextmanager
async def open_database(
    settings: Settings, *, read_only: bool = False, alone: bool = True
) -> AsyncIterator[Database]:
    """PostgreSQL, or the one SQLite file that holds state and index. Raises DatabaseInUse, OperatorError.

    Without `alone` a running bot may have it open: for a short write into a schema that was checked.
    """
    url = plain(settings.database_url) or f"sqlite+aiosqlite:///{settings.data_dir / DATABASE_NAME}"
    lock_dir = settings.data_dir if alone else None
    database = await Database.open(url, lock_dir=lock_dir, read_only=read_only)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_core(
    settings: Settings,
    database: Database,
    *,
    sources: Callable[[WorkspaceId], FileSource],
    status: StatusListener,
    counts: Counts = UNCOUNTED,
    only_workspace: WorkspaceId | None = None,
    pace: Pace = USUAL,
    replicas: Replicas | None,
) -> AsyncIterator[Core]:
    """Open index, embeddings and children over an open database; close them in reverse order.

    With `only_workspace` the runner leaves other workspaces' documents alone. Documents are claimed for one
    of the `replicas`; without them the database is open for reading only: nothing is claimed or noted.
    """
    async with AsyncExitStack() as stack:
        providers = await open_providers(
            settings, stack, await _noted(database), pace.vendors, counts.vendor_called
        )
        children = await stack.enter_async_context(ChildPool(CHILDREN, on_death=counts.child_died))
        ingest = IngestPipeline(
            transaction=database.transaction,
            sources=sources,
            extractor=children,
            embeddings=providers.embeddings,
            index=providers.index,
            status=status,
            wake_runner=lambda: wake(),  # noqa: PLW0108  # the runner is made below
            cancel_job=lambda document_id: cancel(document_id),  # noqa: PLW0108  # as above
            spool=settings.data_dir / "spool",
            max_file_bytes=settings.max_file_bytes,
            debounce_s=pace.debounce_s,
            latest_s=pace.latest_s,
            spaces=providers.spaces,
            on_stage=counts.stage_done,
        )
        queue = _queue(database, providers, status, pace, only_workspace, replicas)
        runner = AsyncioRunner(queue, ingest.perform, concurrency=DOCUMENTS_IN_FLIGHT, drain_s=DRAIN_S)
        wake, cancel = (replicas or Nobody()).attach(runner, database, providers.spaces, providers.budgets)
        search = _search(database, providers, counts, noted=replicas is not None)
        answers = AnswerPipeline(search, providers.chat, counts.answered)
        reembedder = _reembedder(database, providers, pace, only_workspace)
        index, circuits = providers.index, providers.circuits
        yield Core(database, index, ingest, search, answers, runner, reembedder, circuits, children)


def _queue(
    database: Database,
    providers: Providers,
    status: StatusListener,
    pace: Pace,
    only_workspace: WorkspaceId | None,
    replicas: Replicas | None,
) -> DocumentQueue:
    return DocumentQueue(
        database.transaction,
        status,
        clear=providers.index.delete,
        only_workspace=only_workspace,
        patience=pace.job_patience,
        holder=replicas.me.holder if replicas else lambda: ALONE,
    )


async def _noted(database: Database) -> dict[WorkspaceId, str | None]:
    async with database.transaction(reading=True) as tx:
        return await tx.reembeddings.spaces()


def _reembedder(
    database: Database, providers: Providers, pace: Pace, only_workspace: WorkspaceId | None
) -> Reembedder:
    return Reembedder(
        database.transaction,
        providers.index,
        providers.spaces,
        pace.reembed_look_s,
        pace.reembed_retry_s,
        only_workspace=only_workspace,
    )


def _search(database: Database, providers: Providers, counts: Counts, *, noted: bool) -> SearchPipeline:
    return SearchPipeline(
        database.transaction,
        providers.index,
        providers.embeddings,
        reranker=providers.reranker,
        observe=counts.searched,
        noted=noted,
        spaces=providers.spaces,
        speller=providers.speller,
    )
