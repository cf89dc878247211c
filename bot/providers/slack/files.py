"""Slack as a source of files."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, FileId, FileInfo, FilePage, Message, SpooledFile, UserId, WorkspaceId
from bot.errors import FileRejected, MessageRefused, ProviderUnavailable
from bot.providers.slack.calls import Calls
from bot.providers.slack.errors import DELETED
from bot.providers.spool import SpoolWriter

MAX_REDIRECTS = 3
FILES_PER_PAGE = 100
DOWNLOAD_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=10, sock_read=30)


class SlackFiles:
    """`ports.FileSource` on Slack. The token goes to Slack's own hosts alone, redirects included.

    `api_url`'s host counts as one of Slack's, so that a local workspace can be used.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        max_bytes: int,
        calls: Calls | None = None,
    ) -> None:
        self._client = client
        self._calls = calls or Calls()
        self._session = session
        self._max_bytes = max_bytes
        api = urlsplit(api_url)
        self._api_origin = (api.scheme, api.netloc)

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        """`files.info` (Tier 4). Raises FileRejected when the file is gone or not ours to read."""
        del workspace  # one token, one workspace
        response = await self._calls.call("files.info", partial(self._client.files_info, file=file_id))
        file: dict[str, Any] = response.get("file", {})
        return file_info(file_id, file)

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        """`files.list` (Tier 3)."""
        del workspace
        response = await self._calls.call(
            "files.list",
            partial(self._client.files_list, channel=channel, page=page, count=FILES_PER_PAGE),
        )
        files: list[dict[str, Any]] = response.get("files", [])
        paging: dict[str, Any] = response.get("paging", {})
        return FilePage(
            files=tuple(file_info(FileId(str(file["id"])), file) for file in files),
            pages=int(paging.get("pages") or 1),
            total=int(paging.get("total") or len(files)),
        )

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        """Stream the bytes into a new file. Raises FileRejected, ProviderUnavailable, PermissionMissing."""
        del workspace
        url = info.download_url or ""
        spool = await asyncio.to_thread(SpoolWriter, into, self._max_bytes)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                location = await self._fetch(url, info, spool)
                if location is None:
                    return await asyncio.to_thread(spool.finish)
                url = urljoin(url, location)
            raise ProviderUnavailable("the download was redirected too often")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ProviderUnavailable("the download from Slack broke off") from error
        finally:
            await asyncio.to_thread(spool.discard)

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        """`chat.getPermalink`; None for a message that is gone or of which we don't know the id."""
        del workspace
        if message.ts is None:
            return None
        ask = partial(self._client.chat_getPermalink, channel=message.channel, message_ts=message.ts)
        try:
            response = await self._calls.call("chat.getPermalink", ask)
        except MessageRefused:
            return None
        return str(response["permalink"])

    async def _fetch(self, url: str, info: FileInfo, spool: SpoolWriter) -> str | None:
        """Stream `url` into `spool`, or return where it redirects to."""
        if not self._is_slacks(url):
            raise FileRejected(
                "foreign_host", "its bytes are not stored at Slack", "Upload the file itself to the channel."
            )
        headers = {"Authorization": f"Bearer {self._client.token}"}
        async with self._session.get(
            url, headers=headers, allow_redirects=False, timeout=DOWNLOAD_TIMEOUT
        ) as response:
            if response.status in {301, 302, 303, 307, 308}:
                return response.headers.get("Location", "")
            _check_response(response, info)
            async for piece in response.content.iter_chunked(256 * 1024):
                spool.write(piece)
        if info.size and spool.size != info.size:
            raise ProviderUnavailable("the download from Slack was incomplete")
        return None

    def _is_slacks(self, url: str) -> bool:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) == self._api_origin:
            return True
        host = parts.hostname or ""
        return (
            parts.scheme == "https"
            and parts.port in {None, 443}
            and (host in {"slack.com", "slack-files.com"} or host.endswith(".slack.com"))
        )


def file_info(file_id: FileId, file: dict[str, Any]) -> FileInfo:
    """Slack's file object as ours; tolerant, since its fields differ by kind of file."""
    mode = str(file.get("mode") or "hosted")
    if file.get("is_external"):
        mode = "external"
    if file.get("file_access") in {"access_denied", "file_not_found"}:
        mode = "file_access"
    name = str(file.get("name") or file.get("title") or file_id)
    return FileInfo(
        file_id=file_id,
        name=name,
        title=str(file.get("title") or name),
        mimetype=str(file.get("mimetype") or ""),
        size=int(file.get("size") or 0),
        mode=mode,
        uploader=UserId(str(file["user"])) if file.get("user") else None,
        download_url=file.get("url_private_download") or file.get("url_private"),
        permalink=file.get("permalink"),
        messages=tuple(_messages(file.get("shares") or {})),
        messages_complete=not file.get("has_more_shares"),
        channels=frozenset(map(ChannelId, [*file.get("channels", ()), *file.get("groups", ())])),
        created=float(file["created"]) if file.get("created") else None,
    )


def _messages(shares: dict[str, Any]) -> list[Message]:
    """One message a channel: the earliest, since that is the one its file_shared event was about."""
    found = []
    for visibility in ("public", "private"):
        for channel, appearances in (shares.get(visibility) or {}).items():
            first = min(appearances, key=lambda appearance: float(appearance["ts"]), default=None)
            if first is not None:
                user = first.get("share_user_id")
                found.append(
                    Message(
                        channel=ChannelId(channel),
                        ts=first["ts"],
                        thread_ts=first.get("thread_ts"),
                        shared_by=UserId(user) if user else None,
                    )
                )
    return found


def _check_response(response: aiohttp.ClientResponse, info: FileInfo) -> None:
    """Slack answers a token without files:read with 200 and a page to log in (bolt-js#2585)."""
    if response.status in {404, 410}:
        raise FileRejected(*DELETED)
    if response.status != 200:  # noqa: PLR2004  # HTTP's own number
        raise ProviderUnavailable(f"Slack answered the download with {response.status}")
    if response.content_type == "text/html" and "html" not in info.mimetype:
        raise FileRejected(
            "login_page",
            "Slack sent a login page instead of the file: the bot lacks the scope files:read",
            "Whoever runs me adds files:read, reinstalls the app and runs `/fm retry`.",
        )
