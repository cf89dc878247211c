"""The bot with Slack: Socket Mode or HTTP, until it is told to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.app.clients import open_clients
from bot.app.console import console
from bot.app.core import Core, open_core, open_database
from bot.app.edge import Edge, build_edge
from bot.app.knowledge import Told, knowledge
from bot.app.pace import USUAL, Pace
from bot.app.replicas import SharedStatus, Work, open_replicas
from bot.app.tasks import Tasks
from bot.app.workspaces import Workspaces, open_workspaces
from bot.database import Database
from bot.domain import API_WORKSPACE, LOCAL_WORKSPACE, WorkspaceId
from bot.errors import FaultMavenError, RetryLater, SettingError
from bot.ingest.upkeep import Upkeep
from bot.ports import FileSource
from bot.providers.local.files import LocalFiles
from bot.providers.uploads import UploadedFiles
from bot.settings import Settings
from bot.settings.secrets import plain
from bot.slack.status_reply import StatusReplies
from bot.web.api import Changes
from bot.web.console import Console
from bot.web.metrics import Metrics
from bot.web.server import Server, application
from bot.web.state_metrics import StateFigures

log = structlog.get_logger(__name__)

ANSWERS_DRAIN_S = 5.0
LAST_REPLIES_S = 3.0
IDENTITY_RETRY_S = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that is up and listens on `host`:`port`."""

    host: str
    port: int
    core: Core
    tasks: Tasks

    @property
    def url(self) -> str:
        """Where the web server answers."""
        return f"http://{self.host}:{self.port}"


@asynccontextmanager
async def running(settings: Settings, *, pace: Pace = USUAL) -> AsyncIterator[Running]:
    """Start everything; on leaving, drain and stop it in an order in which nothing is lost.

    Raises SettingError when a setting is missing or Slack rejects a token, DatabaseInUse when another
    process has the data folder. Slack being out of reach is no reason not to start.
    """
    if settings.slack_mode == "none":
        raise SettingError("SLACK_BOT_TOKEN", "is not set", "Set it, or try `fm demo`.")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        replicas = await stack.enter_async_context(
            open_replicas(database, plain(settings.database_url), pace.lease_s)
        )
        metrics = _metrics(database)
        clients = await stack.enter_async_context(open_clients(settings, metrics.vendor_called))
        workspaces = open_workspaces(settings, database, clients, replicas.notices)
        replies = StatusReplies(database.transaction, workspaces.poster_of)
        sources, changes = _sources(settings, workspaces, database), Changes(database.transaction)
        core = await stack.enter_async_context(
            open_core(
                settings,
                database,
                sources=sources,
                status=SharedStatus(Told((replies, changes)), replicas.notices),
                counts=metrics,
                pace=pace,
                replicas=replicas,
            )
        )
        metrics.circuits, metrics.children = core.circuit_states, lambda: len(core.children.pids)
        edge = build_edge(settings, core, clients, workspaces, pace, metrics, replicas)
        metrics.check_link = edge.ping
        await _introduce(edge)
        server, page = _server(settings, core, edge, metrics, changes, workspaces)
        stack.push_async_callback(server.close)
        port = await _listen(server, settings)
        tasks = Tasks()
        upkeep = Upkeep(core.ingest, settings.purge_after_s, pace.upkeep_look_s)
        _start(tasks, core, edge, metrics, page)
        tasks.start("for_all", replicas.as_eldest(_for_all(core, edge, replies, upkeep)))
        tasks.start("uploads", changes.run())
        try:
            yield Running(settings.host, port, core, tasks)
        finally:
            await _stop(tasks, core, edge, replies if replicas.me.eldest.is_set() else None)


def _sources(
    settings: Settings, workspaces: Workspaces, database: Database
) -> Callable[[WorkspaceId], FileSource]:
    """Slack's files; those uploaded by the API; this machine's for what `fm index` left unfinished."""
    uploaded = UploadedFiles(database.transaction, max_bytes=settings.max_file_bytes)
    local = LocalFiles(max_bytes=settings.max_file_bytes)
    others: dict[WorkspaceId, FileSource] = {LOCAL_WORKSPACE: local, API_WORKSPACE: uploaded}
    return lambda workspace: others.get(workspace) or workspaces.files_of(workspace)


def _server(
    settings: Settings,
    core: Core,
    edge: Edge,
    metrics: Metrics,
    changes: Changes,
    workspaces: Workspaces,
) -> tuple[Server, Console | None]:
    checks = {
        "database": core.database.ping,
        "index": core.index.ping,
        "slack": edge.ping,
        "event_loop": metrics.check_loop,
    }
    page, install = console(settings, core, checks, workspaces), workspaces.install
    app = application(
        checks,
        metrics,
        slack_events=edge.events,
        knowledge=knowledge(settings, core, changes),
        console=page.application() if page else None,
        install=install.routes() if install else (),
    )
    return Server(app, settings.host, settings.port), page


def _for_all(core: Core, edge: Edge, replies: StatusReplies, upkeep: Upkeep) -> dict[str, Work]:
    """What one replica does for all of them."""
    return {
        "status_replies": replies.run,
        "backfill": edge.backfill.run,
        "upkeep": upkeep.run,
        "reembedding": core.reembedder.run,
    }


def _start(tasks: Tasks, core: Core, edge: Edge, metrics: Metrics, page: Console | None) -> None:
    tasks.start("runner", core.runner.run())
    tasks.start("inbox", edge.worker.run())
    tasks.start("conversations", edge.conversations.run(edge.answerer))
    tasks.start("identity", _keep_introducing(edge))
    tasks.start("event_loop", metrics.watch_loop())
    if page:
        tasks.start("console", page.sampler.run())
    if edge.link:
        tasks.start("socket", edge.link.run())


async def _stop(tasks: Tasks, core: Core, edge: Edge, replies: StatusReplies | None) -> None:
    """No new events; finish what is under way; tell the threads; then everything ends."""
    log.info("stopping")
    await tasks.cancel("socket")
    core.runner.stop()
    await edge.background.drain(ANSWERS_DRAIN_S)
    await edge.conversations.drain(ANSWERS_DRAIN_S)
    await tasks.join("runner")
    await tasks.cancel("for_all")
    try:
        async with asyncio.timeout(LAST_REPLIES_S):
            if replies is not None:
                await replies.sync()
    except (FaultMavenError, TimeoutError) as error:
        log.info("last_replies_left_for_next_start", cause=type(error).__name__)
    await tasks.cancel_all()


async def _introduce(edge: Edge) -> None:
    """Fail at once for a token that Slack rejects; go on when Slack can't be reached just now."""
    try:
        await edge.introduce()
    except RetryLater as error:
        log.warning("slack_unreachable", cause=error.public_message)


async def _keep_introducing(edge: Edge) -> None:
    """Until Slack has said who we are; after that there is nothing left to do, for ever."""
    while True:
        try:
            await edge.ready()
        except FaultMavenError as error:
            log.warning("slack_unreachable", cause=error.public_message)
            await asyncio.sleep(IDENTITY_RETRY_S)
        else:
            await asyncio.Event().wait()


async def _listen(server: Server, settings: Settings) -> int:
    try:
        return await server.start()
    except OSError as error:
        raise SettingError(
            "FM_PORT",
            f"{settings.host}:{settings.port} can't be listened on ({error.strerror})",
            "Stop what uses it, or set another port (0 takes a free one).",
        ) from error


def _metrics(database: Database) -> Metrics:
    async def read_state() -> StateFigures:
        async with database.transaction(reading=True) as tx:
            now, counts = time.time(), await tx.documents.counts_all()
            return StateFigures(
                documents={str(status): number for status, number in counts.items()},
                events_waiting=await tx.inbox.pending_count(),
                events_parked=await tx.inbox.parked_count(),
                questions_waiting=await tx.conversations.open_count(),
                oldest_pending_s=await tx.documents.oldest_pending_age(now=now) or 0.0,
                oldest_processing_s=await tx.documents.oldest_processing_age(now=now) or 0.0,
                oldest_event_s=await tx.inbox.oldest_waiting_age(now=now) or 0.0,
                replies_failing=await tx.replies.failing_count(),
                reembedding_left=sum(row.total - row.done for row in await tx.reembeddings.all()),
            )

    return Metrics(read_state)
