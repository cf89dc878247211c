"""Slack as a source of files."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, FileId, FileInfo, FilePage, Message, SpooledFile, WorkspaceId
from bot.errors import FileRejected, MessageRefused, ProviderUnavailable
from bot.providers.slack.calls import Calls
from bot.providers.slack.client import token_of
from bot.providers.slack.errors import DELETED
from bot.providers.slack.file_info import file_info
from bot.providers.spool import SpoolWriter

MAX_REDIRECTS = 3
FILES_PER_PAGE = 100
SCOPE_MISSING = (
    "login_page",
    "Slack sent a login page instead of the file: the bot lacks the scope files:read",
    "Whoever runs me adds files:read, reinstalls the app and runs `/fm retry`.",
)
LOGIN_PAGE = re.compile(rb"<title>[^<]{0,99}(?:sign|log) ?in\b[^<]{0,99}slack|/checkcookie", re.IGNORECASE)
"""What such a page holds, where a page of HTML is what the file may be, too."""
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
        return await self._calls.counted("download", self._download(info, into))

    async def _download(self, info: FileInfo, into: Path) -> SpooledFile:
        url = info.download_url or ""
        spool = await asyncio.to_thread(SpoolWriter, into, self._max_bytes)
        try:
            if info.text is not None:
                spool.write(info.text.encode())
                return await asyncio.to_thread(spool.finish)
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
        headers = {"Authorization": f"Bearer {await token_of(self._client)}"}
        async with self._session.get(
            url, headers=headers, allow_redirects=False, timeout=DOWNLOAD_TIMEOUT
        ) as response:
            if response.status in {301, 302, 303, 307, 308}:
                return response.headers.get("Location", "")
            _check_response(response, info)
            page = response.content_type == "text/html" and "Content-Disposition" not in response.headers
            async for piece in response.content.iter_chunked(256 * 1024):
                if page and not spool.size and LOGIN_PAGE.search(piece):
                    raise FileRejected(*SCOPE_MISSING)
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


def _check_response(response: aiohttp.ClientResponse, info: FileInfo) -> None:
    """Slack answers a token without files:read with 200 and a page to log in (bolt-js#2585)."""
    if response.status in {404, 410}:
        raise FileRejected(*DELETED)
    if response.status != 200:  # noqa: PLR2004  # HTTP's own number
        raise ProviderUnavailable(f"Slack answered the download with {response.status}")
    if response.content_type == "text/html" and not ("html" in info.mimetype or info.read_as):
        raise FileRejected(*SCOPE_MISSING)
