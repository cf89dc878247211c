"""Files: sharing, sharing again, changing, unsharing, deleting, expiring."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from bot.playground import events, shapes
from bot.playground.ids import new_id
from bot.playground.model import File, Json, Message, Share, SharedFile, User, WorkspaceError
from bot.playground.workspace import Workspace

_KNOWN_TYPES = {
    ".csv": ("text/csv", "csv", "CSV"),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
        "Word Document",
    ),
    ".json": ("application/json", "json", "JSON"),
    ".log": ("text/plain", "text", "Plain Text"),
    ".md": ("text/markdown", "markdown", "Markdown"),
    ".pdf": ("application/pdf", "pdf", "PDF"),
    ".pptx": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pptx",
        "PowerPoint Presentation",
    ),
    ".py": ("text/x-python", "python", "Python"),
    ".txt": ("text/plain", "text", "Plain Text"),
    ".xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        "Excel Spreadsheet",
    ),
    ".yaml": ("text/plain", "yaml", "YAML"),
    ".yml": ("text/plain", "yaml", "YAML"),
}
_CANVAS = ("application/vnd.slack-docs", "quip", "Canvas")


def new_file(
    workspace: Workspace,
    user: User,
    name: str,
    data: bytes,
    *,
    title: str | None = None,
    mode: str = "hosted",
    transcript: bytes | None = None,
    details: Json | None = None,
) -> File:
    """Upload a file that isn't shared anywhere yet. Its type follows from its name, a canvas's is its own."""
    mimetype, filetype, pretty_type = _CANVAS if mode == "quip" else _types(name)
    now = workspace.clock.seconds()
    file = File(
        id=new_id("F", name),
        name=name,
        title=title or name,
        mimetype=mimetype,
        filetype=filetype,
        pretty_type=pretty_type,
        user=user.id,
        user_team=user.team_id,
        data=data,
        created=now,
        updated=now,
        mode=mode,
        transcript=transcript,
        details=details or {},
    )
    workspace.files[file.id] = file
    return file


def share(
    workspace: Workspace,
    file: File,
    user: User,
    channel_id: str,
    *,
    text: str = "",
    thread_ts: str | None = None,
) -> SharedFile:
    """Post a message with a file. Apps are told by file_shared and by the message."""
    channel = workspace.channel(channel_id)
    if user.id not in channel.members:
        raise WorkspaceError("not_in_channel", "Join the channel first.")
    if channel.is_archived:
        raise WorkspaceError("is_archived", "The channel is archived.")
    ts = workspace.clock.ts()
    thread_ts = workspace.root_of(channel_id, thread_ts)
    entry = Share(channel_id, ts, thread_ts, user.id)
    file.shares.append(entry)
    workspace.on_event(events.file_shared(workspace, file, entry))
    workspace.post(
        Message(ts, channel_id, user.id, text, thread_ts=thread_ts, files=[file.id], subtype="file_share")
    )
    return SharedFile(file.id, ts)


def unshare(workspace: Workspace, file: File, channel_id: str, user: User) -> None:
    """Take a file out of a channel; the messages that held it stay, without it."""
    gone = [entry for entry in file.shares if entry.channel == channel_id]
    file.shares = [entry for entry in file.shares if entry.channel != channel_id]
    for entry in gone:
        message = workspace.message(channel_id, entry.ts)
        workspace.edit(message, files=[other for other in message.files if other != file.id])
    if gone:
        workspace.on_event(events.file_unshared(workspace, file, channel_id, user.id))


def delete_message(workspace: Workspace, message: Message) -> None:
    """Delete a message; the files in it lose the share they had through it."""
    workspace.delete(message)
    for file_id in message.files:
        file = workspace.files[file_id]
        file.shares = [s for s in file.shares if (s.channel, s.ts) != (message.channel, message.ts)]
        if not file.deleted and all(entry.channel != message.channel for entry in file.shares):
            workspace.on_event(events.file_unshared(workspace, file, message.channel, message.user))


def delete_file(workspace: Workspace, file: File) -> None:
    """Delete a file everywhere; its messages show a tombstone."""
    happened = events.file_deleted(workspace, file)
    holders = [
        (message, shapes.message(workspace, message))
        for entry in file.shares
        if (message := workspace.messages.get(entry.channel, {}).get(entry.ts)) and not message.deleted
    ]
    file.deleted = True
    workspace.on_event(happened)
    for message, before in holders:
        workspace.edited(message, before)


def change_file(
    workspace: Workspace, file: File, *, data: bytes | None = None, title: str | None = None
) -> None:
    """Give a file new bytes or a new title; apps hear file_change."""
    file.data = file.data if data is None else data
    file.title = title or file.title
    file.updated = max(workspace.clock.seconds(), file.updated + 1)
    workspace.on_event(events.file_change(file))


def expire_file(file: File) -> None:
    """Let a retention policy take the file: as at Slack, no event tells of it."""
    file.deleted = True


def _types(name: str) -> tuple[str, str, str]:
    suffix = PurePosixPath(name.lower()).suffix
    if suffix in _KNOWN_TYPES:
        return _KNOWN_TYPES[suffix]
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return mimetype, suffix.removeprefix(".") or "binary", suffix.removeprefix(".").upper() or "Binary"


def bot_may_see(workspace: Workspace, file: File) -> bool:
    """Whether the bot is in a channel where this file is shared."""
    return any(workspace.bot_sees(entry.channel) for entry in file.shares)
