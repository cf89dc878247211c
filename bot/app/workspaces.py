"""How the bot reaches its workspaces: the one of a token that was set, or many, each by its installation."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from slack_bolt.authorization import AuthorizeResult

from bot.app.clients import Line, SlackClients
from bot.app.members import members_of_many, remembered_members
from bot.app.notices import Notices
from bot.database import Database
from bot.documents.vault import Vault
from bot.domain import UserId, WorkspaceId
from bot.playground.manifest import bot_scopes
from bot.ports import FileSource, MembershipProvider, PosterOf
from bot.providers.slack.files import SlackFiles
from bot.providers.slack.identity import BotIdentity, Identity
from bot.providers.slack.installed import Installations, NotInstalled
from bot.providers.slack.installer import Installer
from bot.providers.slack.membership import SlackMembership
from bot.providers.slack.oauth import SlackOAuth
from bot.providers.slack.openid import SlackOpenId
from bot.providers.slack.poster import SlackPoster
from bot.providers.slack.sign_in import Home, SignIn, any_workspace
from bot.settings import Settings
from bot.settings.secrets import plain
from bot.slack.bolt import Authorize
from bot.web.oauth import InstallRoutes

REASONS = {
    "commands": "the command /fm",
    "files:read": "reading the files that are shared where it is invited",
    "chat:write": "answering",
    "channels:read": "who is in which public channel: they find what is shared there",
    "groups:read": "the same for private channels",
    "app_mentions:read": "being asked by name",
    "users:read": "who is a guest, an admin, deactivated or of another company: what they may find differs",
    "im:history": "being asked in a direct message",
    "assistant:write": "offering questions to begin with",
    "channels:history": "finding its own reply in a thread again, and the message of a shared file",
    "groups:history": "the same in private channels",
}
"""Why each scope of the manifest is asked for, as the install page says it."""


@dataclass(frozen=True, slots=True)
class Workspaces:
    """`ready` raises while it can't be said who we are; `install` is there for many only.

    `sign_in` is there where the client's id is known.
    """

    authorize: Authorize
    ready: Callable[[], Awaitable[None]]
    poster_of: PosterOf
    files_of: Callable[[WorkspaceId], FileSource]
    members: MembershipProvider
    sign_in: SignIn | None = None
    install: InstallRoutes | None = None


def open_workspaces(
    settings: Settings, database: Database, clients: SlackClients, notices: Notices
) -> Workspaces:
    """The one of SLACK_BOT_TOKEN, or with SLACK_CLIENT_ID all that install us. Raises SettingError."""
    make = _many if settings.installable else _one
    return make(settings, database, clients, notices)


def open_installations(
    settings: Settings, database: Database, clients: SlackClients, hears: Callable[[], bool] = lambda: True
) -> tuple[Installations, SlackOAuth]:
    """Where we are installed, and how that comes about. Raises SettingError."""
    asked, optional = bot_scopes()
    oauth = SlackOAuth(
        clients.once,
        client_id=settings.slack_client_id or "",
        client_secret=plain(settings.slack_client_secret) or "",
        scopes=asked,
        optional=optional,
    )
    return Installations(database.transaction, open_vault(settings), oauth, hears=hears), oauth


def open_vault(settings: Settings) -> Vault:
    """With the keys of FM_ENCRYPTION_KEY. Raises SettingError."""
    return Vault.of(plain(settings.encryption_key) or "")


def _one(settings: Settings, database: Database, clients: SlackClients, notices: Notices) -> Workspaces:
    identity = _identity(database, clients)

    async def authorize(_: WorkspaceId) -> AuthorizeResult:
        found = await identity.get()
        return AuthorizeResult(
            enterprise_id=found.enterprise_id,
            team_id=found.workspace,
            bot_user_id=found.user,
            bot_id=found.bot_id,
            bot_token=clients.write.token,
        )

    async def ready() -> None:
        await identity.get()

    async def me() -> UserId:
        return (await identity.get()).user

    async def home() -> WorkspaceId:
        return (await identity.get()).workspace

    poster = SlackPoster(clients.write, clients.calls, me)
    files = _files(settings, clients, Line(clients.read, clients.write, clients.calls))
    members = remembered_members(clients.read, clients.calls, home, notices)
    sign_in = _sign_in(settings, database, clients, home) if settings.slack_client_id else None
    return Workspaces(authorize, ready, lambda _: poster, lambda _: files, members, sign_in)


def _many(settings: Settings, database: Database, clients: SlackClients, notices: Notices) -> Workspaces:
    installations, oauth = open_installations(settings, database, clients, notices.hears)
    lines: dict[WorkspaceId, Line] = {}

    def line_of(workspace: WorkspaceId) -> Line:
        if workspace not in lines:
            lines[workspace] = clients.line(lambda: installations.token(workspace))
        return lines[workspace]

    def poster_of(workspace: WorkspaceId) -> SlackPoster:
        async def me() -> UserId:
            return (await installations.get(workspace)).bot_user

        line = line_of(workspace)
        return SlackPoster(line.write, line.calls, me)

    def membership_of(workspace: WorkspaceId) -> SlackMembership:
        async def home() -> WorkspaceId:
            return workspace

        line = line_of(workspace)
        return SlackMembership(line.read, home=home, calls=line.calls, hears=notices.hears)

    return Workspaces(
        _authorize(installations),
        installations.check,
        poster_of,
        lambda workspace: _files(settings, clients, line_of(workspace)),
        members_of_many(membership_of, notices, installations.drop),
        _sign_in(settings, database, clients, any_workspace),
        _install(settings, Installer(database.transaction, oauth, installations)),
    )


def _authorize(installations: Installations) -> Authorize:
    async def authorize(workspace: WorkspaceId) -> AuthorizeResult | None:
        try:
            found = await installations.get(workspace)
        except NotInstalled:  # Bolt says so to people, and drops events
            return None
        return AuthorizeResult(
            enterprise_id=found.enterprise_id,
            team_id=found.workspace,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.tokens.bot,
        )

    return authorize


def _install(settings: Settings, installer: Installer) -> InstallRoutes:
    asked, optional = bot_scopes()
    return InstallRoutes(
        installer,
        [(scope, REASONS.get(scope, ""), scope in optional) for scope in asked],
        public_url=settings.public_url,
        slack_url=slack_site(settings),
    )


def slack_site(settings: Settings) -> str:
    """Where Slack's own pages are."""
    site = urlsplit(settings.slack_api_url)
    return f"{site.scheme}://{site.netloc}"


def _sign_in(settings: Settings, database: Database, clients: SlackClients, home: Home) -> SignIn:
    openid = SlackOpenId(
        clients.once,
        client_id=settings.slack_client_id or "",
        client_secret=plain(settings.slack_client_secret) or "",
    )
    return SignIn(database.transaction, openid, home=home)


def _files(settings: Settings, clients: SlackClients, line: Line) -> SlackFiles:
    return SlackFiles(
        line.read,
        clients.session,
        api_url=settings.slack_api_url,
        max_bytes=settings.max_file_bytes,
        calls=line.calls,
    )


def _identity(database: Database, clients: SlackClients) -> Identity:
    async def note_workspace(found: BotIdentity) -> None:
        async with database.transaction() as tx:
            await tx.workspaces.ensure(
                found.workspace,
                now=time.time(),
                name=found.workspace_name,
                domain=found.workspace_url,
                bot_user_id=found.user,
                bot_id=found.bot_id,
            )

    return Identity(clients.read, note_workspace)
