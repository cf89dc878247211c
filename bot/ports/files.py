"""Where files come from, and what reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from bot.domain import ChannelId, Extraction, FileId, FileInfo, FilePage, Message, SpooledFile, WorkspaceId

OnProgress = Callable[[int, int], Awaitable[None]]
"""Called with (done, total); total is 0 while unknown."""


class FileSource(Protocol):
    """Where files come from: Slack, or this machine's disk for `fm index`."""

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        """Describe a file. Raises FileRejected when it is gone or not ours to read. Repeatable."""
        ...

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        """A page of the files shared in a channel, newest first; pages count from 1. Repeatable."""
        ...

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        """Stream the bytes to a new file in the folder `into`, at most the size limit.

        Raises FileRejected (too large, a login page instead of the file). Leaves nothing behind
        when it raises. Repeatable.
        """
        ...

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        """The address of a message, or None when it has none. Repeatable."""
        ...


class Extractor(Protocol):
    """Reads a file's pages and cuts them into chunks, away from the event loop."""

    async def extract(self, path: Path, name: str, mimetype: str, on_progress: OnProgress) -> Extraction:
        """Read one file. Raises FileRejected or ExtractionInterrupted. Repeatable."""
        ...
