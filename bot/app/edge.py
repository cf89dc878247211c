"""Slack's side of the bot, wired: Bolt, inbox, listeners, and the link they hang on."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.clients import SlackClients
from bot.app.core import Core
from bot.app.members import remembered_members
from bot.app.pace import Pace
from bot.app.replicas import Replicas
from bot.domain import UserId, WorkspaceId
from bot.ingest.backfill import BackfillWorker
from bot.ingest.replica import Beat
from bot.providers.slack.identity import BotIdentity, Identity, check_app_token
from bot.providers.slack.poster import SlackPoster
from bot.settings import Settings
from bot.slack import bolt
from bot.slack.answering import Answerer
from bot.slack.backfill import Announcer
from bot.slack.background import Background
from bot.slack.conversations import Conversations
from bot.slack.http import slack_events
from bot.slack.inbox import Inbox, InboxWorker
from bot.slack.link import SocketLink
from bot.slack.services import Services
from bot.web.metrics import Metrics
from bot.web.server import Handler


@dataclass(frozen=True, slots=True)
class Edge:
    """`link` in Socket Mode, `events` in HTTP mode; the other is None."""

    identity: Identity
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
        await self.identity.get()
        if self.app_token is not None:
            await check_app_token(self.client, self.app_token)

    async def ping(self) -> None:
        """Raise while Slack's requests can't be taken or answered."""
        if self.link is not None:
            await self.link.ping()
        await self.identity.get()


def build_edge(
    settings: Settings, core: Core, clients: SlackClients, pace: Pace, metrics: Metrics, replicas: Replicas
) -> Edge:
    """Wire the listeners to the pipelines. Nothing is connected yet."""
    identity = _identity(core, clients)
    services = _services(core, clients, identity, pace, replicas)
    inbox = Inbox(core.database.transaction, on_accepted=metrics.commit_seconds.observe)
    app = bolt.build(
        client=clients.bolt,
        signing_secret=_secret(settings.slack_signing_secret),
        authorize=_authorize(identity, clients),
        inbox=inbox,
        services=services,
    )
    app_token = _secret(settings.slack_app_token)

    def take_over(beat: Beat) -> None:
        if beat.freed:
            inbox.arrived.set()
            services.conversations.look()

    replicas.me.on_beat.append(take_over)
    return Edge(
        identity=identity,
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
        app_token=app_token or None,
    )


def _services(
    core: Core, clients: SlackClients, identity: Identity, pace: Pace, replicas: Replicas
) -> Services:
    async def me() -> UserId:
        return (await identity.get()).user

    async def home() -> WorkspaceId:
        return (await identity.get()).workspace

    poster = SlackPoster(clients.write, clients.calls, me)
    return Services(
        ingest=core.ingest,
        search=core.search,
        answers=core.answers,
        members=remembered_members(clients.read, clients.calls, home, replicas.notices),
        poster=poster,
        background=Background(),
        backfill=BackfillWorker(core.ingest, Announcer(poster), pace.backfill_look_s),
        conversations=Conversations(core.database.transaction, poster, holder=replicas.me.holder),
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


def _identity(core: Core, clients: SlackClients) -> Identity:
    async def note_workspace(found: BotIdentity) -> None:
        async with core.database.transaction() as tx:
            await tx.workspaces.ensure(
                found.workspace,
                now=core.ingest.clock(),
                name=found.workspace_name,
                domain=found.workspace_url,
                bot_user_id=found.user,
                bot_id=found.bot_id,
            )

    return Identity(clients.read, note_workspace)


def _authorize(identity: Identity, clients: SlackClients) -> bolt.Authorize:
    async def authorize() -> AuthorizeResult:
        found = await identity.get()
        return AuthorizeResult(
            enterprise_id=found.enterprise_id,
            team_id=found.workspace,
            bot_user_id=found.user,
            bot_id=found.bot_id,
            bot_token=clients.write.token,
        )

    return authorize


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
