"""This machine's own files as a source, for `fm index`: the path is the file's id."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path

from bot.domain import (
    LOCAL_CHANNEL,
    NO_MESSAGE_TS,
    ChannelId,
    FileId,
    FileInfo,
    FilePage,
    Message,
    SpooledFile,
    WorkspaceId,
)
from bot.errors import FileRejected
from bot.providers.spool import SpoolWriter

READ_BYTES = 1024 * 1024


class LocalFiles:
    """`ports.FileSource` on paths. Bytes are copied, so that a file changing under us does no harm."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        """Describe a path. Raises FileRejected when no readable file is there."""
        del workspace
        return await asyncio.to_thread(self._info, Path(file_id))

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        """Nothing is shared here before it is indexed."""
        del workspace, channel, page
        return FilePage((), 0, 0)

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        """Copy the bytes into a new file of the folder `into`."""
        del workspace
        return await asyncio.to_thread(self._copy, Path(info.file_id), into)

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        """Messages don't exist here; a passage links to its file."""
        del workspace, message
        return None

    def _info(self, path: Path) -> FileInfo:
        try:
            stat = path.stat()
        except OSError as error:
            raise _unreadable(error) from error
        if not path.is_file():
            raise FileRejected("not_a_file", "it is not a file", "Name a file or a folder of files.")
        return FileInfo(
            file_id=FileId(str(path)),
            name=path.name,
            title=path.name,
            mimetype=mimetypes.guess_type(path.name)[0] or "",
            size=stat.st_size,
            mode="hosted",
            uploader=None,
            download_url=path.as_uri(),
            permalink=path.as_uri(),
            messages=(Message(LOCAL_CHANNEL, NO_MESSAGE_TS),),
        )

    def _copy(self, path: Path, into: Path) -> SpooledFile:
        spool = SpoolWriter(into, self._max_bytes)
        try:
            with path.open("rb") as source:
                while piece := source.read(READ_BYTES):
                    spool.write(piece)
            return spool.finish()
        except OSError as error:
            raise _unreadable(error) from error
        finally:
            spool.discard()


def _unreadable(error: OSError) -> FileRejected:
    reason = error.strerror or "it can't be read"
    return FileRejected("unreadable", reason[0].lower() + reason[1:], "Check the path and its permissions.")
