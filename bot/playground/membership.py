"""Channels and who is in them."""

from __future__ import annotations

from dataclasses import replace

from bot.playground import events
from bot.playground.ids import new_id
from bot.playground.model import Change, Channel, Message, User, WorkspaceError
from bot.playground.workspace import Workspace

MAX_NAME = 80


def add_channel(
    workspace: Workspace,
    name: str,
    creator: User,
    *,
    is_private: bool = False,
    topic: str = "",
) -> Channel:
    """Create a channel whose only member is its creator. Raises `name_taken`."""
    if any(channel.name == name for channel in workspace.channels.values()):
        raise WorkspaceError("name_taken", "A channel of this name exists.")
    channel = Channel(
        id=new_id("C", name),
        name=name,
        created=workspace.clock.seconds(),
        creator=creator.id,
        members={creator.id},
        is_private=is_private,
        topic=topic,
    )
    _add(workspace, channel)
    return channel


def open_im(workspace: Workspace, user: User) -> Channel:
    """The direct conversation of a person with the bot; the same one every time."""
    for channel in workspace.channels.values():
        if channel.im_user == user.id:
            return channel
    channel = Channel(
        id=new_id("D", user.name),
        name=f"dm-{user.name}",
        created=workspace.clock.seconds(),
        creator=user.id,
        members={user.id, workspace.bot.id},
        is_private=True,
        im_user=user.id,
    )
    _add(workspace, channel)
    return channel


def join(workspace: Workspace, channel: Channel, user: User, *, inviter: str | None = None) -> None:
    """Bring someone into a channel. A second time changes nothing.

    Raises `channel_not_found` for a private channel and nobody who invites.
    """
    if user.id in channel.members:
        return
    if channel.is_private and inviter is None:
        raise WorkspaceError("channel_not_found", "There is no such channel.")
    channel.members.add(user.id)
    workspace.on_event(events.member_joined(workspace, channel, user, inviter))
    workspace.on_change(Change("channels_changed"))


def leave(workspace: Workspace, channel: Channel, user: User, *, removed_by: str | None = None) -> None:
    """Take someone out of a channel. The bot is told of itself by channel_left or group_left."""
    if user.id not in channel.members:
        return
    channel.members.discard(user.id)
    if user is workspace.bot:
        actor = removed_by or user.id
        workspace.on_event(events.channel_event(workspace, channel, "left", actor_id=actor))
    else:
        workspace.on_event(events.member_left(workspace, channel, user))
    workspace.on_change(Change("channels_changed"))


def archive(workspace: Workspace, channel: Channel, user: User) -> None:
    """Archive a channel: it stays readable, nobody can post."""
    channel.is_archived = True
    workspace.on_event(events.channel_event(workspace, channel, "archive", user=user.id, is_moved=0))
    workspace.on_change(Change("channels_changed"))


def unarchive(workspace: Workspace, channel: Channel, user: User) -> None:
    """Undo `archive`."""
    channel.is_archived = False
    workspace.on_event(events.channel_event(workspace, channel, "unarchive", user=user.id))
    workspace.on_change(Change("channels_changed"))


def rename(workspace: Workspace, channel: Channel, name: str) -> None:
    """Give a channel a new name."""
    channel.name = name
    workspace.on_event(events.channel_rename(workspace, channel))
    workspace.on_change(Change("channels_changed"))


def delete_channel(workspace: Workspace, channel: Channel, user: User) -> None:
    """Delete a channel with its messages. Files shared in it lose that share without an event."""
    extra = {"date_deleted": workspace.clock.seconds()} if channel.is_private else {}
    workspace.on_event(events.channel_event(workspace, channel, "deleted", **extra, actor_id=user.id))
    del workspace.channels[channel.id]
    del workspace.messages[channel.id]
    workspace.on_change(Change("channels_changed"))


def convert(workspace: Workspace, channel: Channel, user: User, *, private: bool) -> None:
    """Make a public channel private, or the other way; a message tells of it."""
    channel.is_private = private
    what, who = ("private", "by invitation") if private else ("public", "by anyone in this workspace")
    message = Message(
        workspace.clock.ts(),
        channel.id,
        user.id,
        f"made this channel *{what}*. Now, it can only be viewed and joined {who}.",
        subtype=f"channel_convert_to_{what}",
    )
    workspace.post(message)
    workspace.on_change(Change("channels_changed"))


def connect(workspace: Workspace, channel: Channel, other_team: str, *, shared: bool = True) -> None:
    """Share a channel with another company (Slack Connect), or stop doing so."""
    channel.is_ext_shared = shared
    workspace.on_event(events.channel_shared(workspace, channel, other_team))
    workspace.on_change(Change("channels_changed"))


def change_id(workspace: Workspace, channel: Channel) -> str:
    """Give a channel a new id, as Slack does when it becomes shared; returns the new one."""
    old = channel.id
    channel.id = new_id("C", channel.name)
    workspace.channels[channel.id] = workspace.channels.pop(old)
    workspace.messages[channel.id] = workspace.messages.pop(old)
    for message in workspace.messages[channel.id].values():
        message.channel = channel.id
    for file in workspace.files.values():
        file.shares = [
            replace(share, channel=channel.id) if share.channel == old else share for share in file.shares
        ]
    workspace.on_event(events.channel_id_changed(workspace, channel, old))
    workspace.on_change(Change("channels_changed"))
    return channel.id


def _add(workspace: Workspace, channel: Channel) -> None:
    workspace.channels[channel.id] = channel
    workspace.messages[channel.id] = {}
    workspace.on_change(Change("channels_changed"))
