"""Files that were uploaded by the HTTP API as a source: their bytes are rows until they are indexed."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path

from bot.documents.repository import Transaction
from bot.domain import (
    NO_MESSAGE_TS,
    ChannelId,
    FileId,
    FileInfo,
    FilePage,
    Message,
    SpooledFile,
    UserId,
    WorkspaceId,
)
from bot.errors import FileRejected
from bot.providers.spool import SpoolWriter

UPLOADED = "upload:"
"""Instead of an address to download from."""
NOT_KEPT = (
    "not_kept",
    "its bytes are not kept once it was read",
    "Upload it again, and delete the former document.",
)
DELETED = ("deleted", "it was deleted")


class UploadedFiles:
    """`ports.FileSource` on the database, so that whichever process has the job finds the bytes."""

    def __init__(self, transaction: Transaction, *, max_bytes: int) -> None:
        self._transaction = transaction
        self._max_bytes = max_bytes

    async def info(self, workspace: WorkspaceId, file_id: FileId) -> FileInfo:
        """What was told at the upload; afterwards what the document still says of it."""
        async with self._transaction(reading=True) as tx:
            upload = await tx.uploads.get(file_id)
            document = None if upload else await tx.documents.find(workspace, file_id)
        known = upload or document
        if known is None or (document is not None and document.tombstoned_at is not None):
            raise FileRejected(*DELETED)
        uploader = UserId(upload.key_id) if upload else None
        messages = (Message(ChannelId(upload.space_id), NO_MESSAGE_TS, shared_by=uploader),) if upload else ()
        return FileInfo(
            file_id=file_id,
            name=known.name,
            title=known.title,
            mimetype=known.mimetype,
            size=known.size,
            mode="hosted",
            uploader=uploader or (UserId(document.uploader) if document and document.uploader else None),
            download_url=UPLOADED,
            permalink=None,
            messages=messages,
            messages_complete=upload is not None,
        )

    async def listing(self, workspace: WorkspaceId, channel: ChannelId, page: int) -> FilePage:
        """Nothing is in a space that wasn't uploaded there."""
        del workspace, channel, page
        return FilePage((), 0, 0)

    async def download(self, workspace: WorkspaceId, info: FileInfo, into: Path) -> SpooledFile:
        """Copy the rows into a new file of the folder `into`. Raises FileRejected when they are gone."""
        del workspace
        spool = await asyncio.to_thread(SpoolWriter, into, self._max_bytes)
        try:
            for ordinal in count():
                async with self._transaction(reading=True) as tx:
                    piece = await tx.uploads.piece(info.file_id, ordinal)
                if piece is None:
                    break
                await asyncio.to_thread(spool.write, piece)
            if spool.size != info.size:
                raise FileRejected(*NOT_KEPT)
            return await asyncio.to_thread(spool.finish)
        finally:
            await asyncio.to_thread(spool.discard)

    async def permalink(self, workspace: WorkspaceId, message: Message) -> str | None:
        """There is no message."""
        del workspace, message
        return None
