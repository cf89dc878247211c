"""Slack as the bot's providers meet it, made of the truth: who is where, what a file is, what gets posted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.domain import (
    Candidate,
    ChannelId,
    DocumentId,
    EmbeddingSpace,
    FileId,
    FileInfo,
    FilePage,
    IndexedDocument,
    Message,
    Query,
    Scope,
    SpooledFile,
    UserId,
    WorkspaceId,
)
from bot.errors import FileRejected, ProviderUnavailable
from bot.ports import Current, Vectors
from bot.providers.local.index import LocalIndex
from bot.providers.spool import SpoolWriter
from support.histories.truth import BOT, Truth

TEAM, OTHER = "T0TEAM", "T0OTHER"


class Client:
    """The few methods of Slack's client that memberships are asked of. `away` is an outage."""

    def __init__(self) -> None:
        self.away = False

    def of(self, truth: Truth, team: str, other: str) -> None:
        """From now on it is this workspace's."""
        self.truth, self._team, self._other = truth, team, other

    async def users_info(self, *, user: str) -> dict[str, Any]:
        self._answer()
        if user == BOT:
            return {"user": {"id": BOT, "team_id": self._team, "is_bot": True, "deleted": False}}
        person = self.truth.people[user]
        return {
            "user": {
                "id": user,
                "team_id": self._other if person.kind == "stranger" else self._team,
                "deleted": person.gone,
                "is_bot": person.kind == "robot",
                "is_restricted": person.kind == "guest",
                "is_ultra_restricted": False,
                "is_admin": person.admin,
            }
        }

    async def users_conversations(self, *, user: str = BOT, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """As Slack: of private channels only those that the bot is in, too."""
        self._answer()
        listed = [
            {
                "id": channel.id,
                "name": channel.name,
                "is_private": channel.private,
                "is_ext_shared": channel.external,
                "is_shared": channel.external,
            }
            for channel in self.truth.channels.values()
            if user in channel.members and (not channel.private or BOT in channel.members)
        ]
        return {"channels": listed}

    async def conversations_members(self, *, channel: str, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        self._answer()
        return {"members": sorted(self.truth.channels[channel].members)}

    def _answer(self) -> None:
        if self.away:
            raise ProviderUnavailable("Slack is away")


class Source:
    """Files, as `files.info` and downloading give them. Times are as those of messages: now."""

    truth: Truth

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        del workspace
        file = self.truth.files[file_id]
        if file.deleted:
            raise FileRejected("deleted", "the file was deleted")
        return FileInfo(
            file_id=file_id,
            name=f"{file.title}.txt",
            title=file.title,
            mimetype="text/plain",
            size=len(file.text),
            mode="hosted",
            uploader=UserId(file.owner),
            download_url="x:",
            permalink=None,
            messages=tuple(Message(ChannelId(channel), "1000.1") for channel in sorted(file.shares)),
        )

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        """Nothing was shared before the bot came: it is asked of the truth by other ways."""
        del workspace, channel, page
        return FilePage((), 1, 0)

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        del workspace
        spool = SpoolWriter(into, 1_000_000)
        spool.write(self.truth.files[info.file_id].text.encode())
        return spool.finish()

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        del workspace
        return f"https://acme.slack.com/archives/{message.channel}/p1"


class Poster:
    """What gets posted; `on_post` is told (channel, all of its text)."""

    on_post: Callable[[str, str], None]
    _posted = 0

    async def post(
        self, channel: ChannelId, thread_ts: str | None, content: dict[str, Any], mark: str
    ) -> str:
        del thread_ts, mark
        self.on_post(channel, str(content))
        self._posted += 1
        return f"{self._posted}.0"

    async def find(self, *_: object, **__: object) -> None:
        return None

    async def edit(self, channel: ChannelId, ts: str, content: dict[str, Any]) -> None:
        del ts
        self.on_post(channel, str(content))

    async def post_ephemeral(self, *_: object) -> None:
        raise AssertionError("nothing is whispered here")


class SlowIndex:
    """The embedded index; while it `lags`, what was shared, unshared or deleted doesn't reach it.

    `meanwhile` happens once, after the next search looked and before its caller gets what it found.
    """

    def __init__(self, index: LocalIndex) -> None:
        self._index = index
        self.lags = False
        self.meanwhile: list[Callable[[], Any]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the index has
        return getattr(self._index, name)

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        if not self.lags:
            await self._index.describe(document, current)

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        if not self.lags:
            await self._index.delete(workspace, document_id, before)

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        found = await self._index.keyword(scope, query, limit)
        await self._happen()
        return found

    async def dense(
        self, scope: Scope, vector: Vectors, limit: int, space: EmbeddingSpace | None = None
    ) -> list[Candidate]:
        return await self._index.dense(scope, vector, limit, space)

    async def _happen(self) -> None:
        while self.meanwhile:
            await self.meanwhile.pop()()


class Words:
    """A reranker that takes its time, in which `meanwhile` happens, and changes no order."""

    def __init__(self) -> None:
        self.meanwhile: list[Callable[[], Any]] = []

    async def rerank(self, query: str, texts: Sequence[str], top_n: int) -> list[tuple[int, float]]:
        del query
        while self.meanwhile:
            await self.meanwhile.pop()()
        return [(place, 1.0 / (place + 1)) for place in range(min(top_n, len(texts)))]
