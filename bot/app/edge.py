"""Slack's side of the bot, wired: Bolt, inbox, listeners, and the link they hang on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.clients import SlackClients
from bot.app.core import Core
from bot.app.notices import Topic
from bot.app.pace import Pace
from bot.app.replicas import Replicas
from bot.app.workspaces import Workspaces
from bot.ingest.backfill import BackfillWorker
from bot.ingest.replica import Beat
from bot.providers.slack.identity import check_app_token
from bot.settings import Settings
from bot.settings.secrets import plain
from bot.slack import bolt
from bot.slack.answering import Answerer
from bot.slack.backfill import Announcer
from bot.slack.background import Background
from bot.slack.conversations import Conversations
from bot.slack.http import slack_events
from bot.slack.inbox import Inbox, InboxWorker
from bot.slack.link import SocketLink
from bot.slack.services import Services
from bot.slack.stopping import Stops
from bot.web.metrics import Metrics
from bot.web.server import Handler


@dataclass(frozen=True, slots=True)
class Edge:
    """`link` in Socket Mode, `events` in HTTP mode; the other is None."""

    ready: Callable[[], Awaitable[None]]
    worker: InboxWorker
    backfill: BackfillWorker
    background: Background
    conversations: Conversations
    answerer: Answerer
    link: SocketLink | None
    events: Handler | None
    client: AsyncWebClient
    app_token: str | None

    async def introduce(self) -> None:
        """Show both tokens to Slack. Raises SettingError when it rejects one, RetryLater when it is away."""
        await self.ready()
        if self.app_token is not None:
            await check_app_token(self.client, self.app_token)

    async def ping(self) -> None:
        """Raise while Slack's requests can't be taken or answered."""
        if self.link is not None:
            await self.link.ping()
        await self.ready()


def build_edge(
    settings: Settings,
    core: Core,
    clients: SlackClients,
    workspaces: Workspaces,
    pace: Pace,
    metrics: Metrics,
    replicas: Replicas,
) -> Edge:
    """Wire the listeners to the pipelines. Nothing is connected yet."""
    services = _services(core, workspaces, pace, replicas)
    inbox = Inbox(core.database.transaction, on_accepted=metrics.commit_seconds.observe)
    app = bolt.build(
        client=clients.bolt,
        signing_secret=plain(settings.slack_signing_secret) or "",
        authorize=workspaces.authorize,
        inbox=inbox,
        services=services,
    )
    app_token = plain(settings.slack_app_token)
    replicas.me.on_beat.append(partial(_take_over, inbox, services))
    return Edge(
        ready=workspaces.ready,
        worker=InboxWorker(
            inbox,
            core.database.transaction,
            app,
            holder=replicas.me.holder,
            before_done=replicas.notices.told,
        ),
        backfill=services.backfill,
        background=services.background,
        conversations=services.conversations,
        answerer=Answerer(services),
        link=_link(app, clients, app_token, pace, metrics) if app_token else None,
        events=None if app_token else slack_events(app, metrics.acked),
        client=clients.read,
        app_token=app_token,
    )


def _take_over(inbox: Inbox, services: Services, beat: Beat) -> None:
    if beat.freed:
        inbox.arrived.set()
        services.conversations.look()


def _services(core: Core, workspaces: Workspaces, pace: Pace, replicas: Replicas) -> Services:
    poster_of, stops = workspaces.poster_of, Stops(partial(replicas.notices.tell, Topic.STOP))
    replicas.notices.on(Topic.STOP, stops.heard)
    return Services(
        ingest=core.ingest,
        search=core.search,
        answers=core.answers,
        members=workspaces.members,
        poster_of=poster_of,
        background=Background(),
        backfill=BackfillWorker(core.ingest, Announcer(poster_of), pace.backfill_look_s),
        conversations=Conversations(core.database.transaction, poster_of, holder=replicas.me.holder),
        stops=stops,
    )


def _link(app: AsyncApp, clients: SlackClients, app_token: str, pace: Pace, metrics: Metrics) -> SocketLink:
    return SocketLink(
        app,
        clients.read,
        app_token,
        watch_s=pace.socket_watch_s,
        ping_s=pace.socket_ping_s,
        patience_s=pace.socket_patience_s,
        on_acked=metrics.acked,
    )
