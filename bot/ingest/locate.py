"""Locate: which messages share a file, and their addresses. Slack's own list is the truth."""

from __future__ import annotations

import asyncio

from bot.documents.repository import Repositories, Transaction
from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, FileInfo, Message, WorkspaceId
from bot.errors import FileRejected
from bot.ports import FileSource

DELAYS_S = (0.5, 1.0, 2.0, 4.0)
"""Waits for `files.info` to name the sharing message, which it may not do just after the upload."""
SETTLED_S = 60.0
"""A share younger than this may be missing in Slack's list although it is there."""


async def confirm_shares(tx: Repositories, document_id: DocumentId, info: FileInfo, *, now: float) -> bool:
    """Drop shares that Slack no longer lists: their event may have been lost or come out of order.

    A list that was cut says nothing. False when a share that isn't listed is too young to be dropped:
    to be asked again when it is older.
    """
    if not info.messages_complete:
        return True
    young = {
        ChannelId(share.channel_id)
        for share in await tx.documents.of(document_id)
        if now - share.created_at < SETTLED_S
    }
    listed = {message.channel for message in info.messages} | info.channels
    await tx.documents.shares_listed(document_id, frozenset(listed | young))
    return young <= listed


async def restore_shares(tx: Repositories, document: Document, info: FileInfo, *, now: float) -> bool:
    """Open a document where Slack lists it and we don't: an event was lost, or an old one came late.

    False when the document changed just now: Slack's list may be behind, so it is asked again later.
    """
    document_id, workspace = DocumentId(document.id), WorkspaceId(document.workspace_id)
    known = await tx.documents.channels(document_id) | (await tx.workspaces.settings(workspace)).ignored
    missing = [message for message in info.messages if message.channel not in known]
    if missing and now - document.changed_at < SETTLED_S:
        return False
    for message in missing:
        await tx.documents.accept(workspace, FileId(document.file_id), message, now=now)
    return True


async def locate(transaction: Transaction, source: FileSource, document: Document) -> None:
    """Learn each share's message and its permalink; gives up quietly after a few looks. Repeatable."""
    document_id, workspace = DocumentId(document.id), WorkspaceId(document.workspace_id)
    for delay_s in (*DELAYS_S, None):
        async with transaction(reading=True) as tx:
            shares = await tx.documents.of(document_id)
        if delay_s is None or all(share.message_ts for share in shares):
            break
        await asyncio.sleep(delay_s)
        try:
            info = await source.info(workspace, FileId(document.file_id))
        except FileRejected:
            break
        async with transaction() as tx:
            for message in info.messages:
                await tx.documents.fill_message(document_id, message)
    for share in shares:
        if not share.message_ts or share.permalink:
            continue
        message = Message(ChannelId(share.channel_id), share.message_ts, share.thread_ts)
        permalink = await source.permalink(workspace, message)
        if permalink is not None:
            async with transaction() as tx:
                await tx.documents.fill_message(document_id, message, permalink)
