"""What the page is shown: one person's view of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from bot.playground import shapes
from bot.playground.model import Channel, File, Json, Message, User, WorkspaceError
from bot.playground.page_preview import preview
from bot.playground.workspace import Workspace

MAX_VERDICT = 300


def may_read(channel: Channel, person: User) -> bool:
    """Members may, and in public channels everyone of the workspace who isn't a guest."""
    return person.id in channel.members or (channel.kind == "channel" and not person.is_guest)


def readable_channel(workspace: Workspace, channel_id: str, person: User) -> Channel:
    """A channel that this person may read. Raises WorkspaceError `channel_not_found`."""
    channel = workspace.channels.get(channel_id)
    if channel is None or not may_read(channel, person):
        raise WorkspaceError("channel_not_found", "There is no such channel.")
    return channel


def readable_file(workspace: Workspace, file_id: str, person: User) -> File:
    """A file shared where this person may read. Raises WorkspaceError `file_not_found`, `not_visible`."""
    file = workspace.file(file_id)
    channels = [workspace.channels.get(share.channel) for share in file.shares]
    if not any(channel and may_read(channel, person) for channel in channels):
        raise WorkspaceError("not_visible", "This file isn't shared in a channel of yours.")
    return file


def user(item: User) -> Json:
    """A person in the list."""
    return {
        "id": item.id,
        "name": item.name,
        "real_name": item.real_name,
        "color": item.color,
        "is_bot": item.is_bot,
        "is_guest": item.is_guest,
    }


def channel(workspace: Workspace, item: Channel, person: User, unread: int) -> Json:
    """A channel in the list; the direct conversation with the bot bears the bot's name."""
    return {
        "id": item.id,
        "name": workspace.bot.real_name if item.im_user else item.name,
        "is_private": item.is_private,
        "is_im": item.im_user is not None,
        "is_archived": item.is_archived,
        "is_member": person.id in item.members,
        "bot_is_member": workspace.bot.id in item.members,
        "members": sorted(item.members),
        "unread": unread,
        "topic": item.topic,
        "prompts": workspace.prompts.get(item.id, []) if item.im_user == person.id else [],
    }


def message(workspace: Workspace, item: Message, person: User) -> Json:
    """A message; of a deleted one only its place in the thread is left."""
    author = workspace.users[item.user]
    thread = workspace.thread(item.channel, item.ts) if item.only_for is None else []
    replies = [reply for reply in thread if reply.thread_ts == item.ts]
    return {
        "ts": item.ts,
        "thread_ts": item.thread_ts or (item.ts if replies else None),
        "channel": item.channel,
        "user": item.user,
        "username": author.real_name,
        "is_bot": author.is_bot,
        "text": "" if item.deleted else item.text,
        "blocks": None if item.deleted else item.blocks,
        "files": [] if item.deleted else [_file(workspace, file_id, person) for file_id in item.files],
        "ephemeral": item.only_for is not None,
        "edited": item.edited_ts is not None and not item.deleted,
        "streaming": item.streaming and not item.deleted,
        "deleted": item.deleted,
        "reply_count": len(replies),
        "latest_reply": replies[-1].ts if replies else None,
        "repliers": list(dict.fromkeys(reply.user for reply in replies)),
        "verdict": _verdict(item, replies),
        "status": workspace.statuses.get((item.channel, item.ts), ""),
        "stoppable": workspace.sessions.get((item.channel, item.ts)) == "processing",
        "permalink": shapes.permalink(workspace, item),
    }


def _verdict(item: Message, replies: Sequence[Message]) -> str:
    """What the bot last said of a shared file: of what happens in a thread, the channel shows only this."""
    said = [reply.text for reply in replies if item.files and reply.bot_id]
    return said[-1][:MAX_VERDICT] if said else ""


def _file(workspace: Workspace, file_id: str, person: User) -> Json:
    item = workspace.files[file_id]
    return {
        "id": item.id,
        "name": item.name,
        "title": "This file was deleted" if item.deleted else item.title,
        "mimetype": item.mimetype,
        "size": 0 if item.deleted else len(item.data),
        "url": None if item.deleted else f"/playground/file/{item.id}?user={quote(person.id)}",
        "pretty_type": item.pretty_type,
        "preview": {} if item.deleted else preview(item, person),
    }
