"""The events that Slack tells apps, in Slack's shapes; `envelope` wraps one for delivery."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.playground import shapes
from bot.playground.model import Channel, Event, File, Json, Message, Share, User

if TYPE_CHECKING:
    from bot.playground.workspace import Workspace

_MESSAGE_SUBSCRIPTIONS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def envelope(workspace: Workspace, event: Event) -> Json:
    """The `event_callback` body around an event, with a new event_id."""
    installed = {
        "enterprise_id": None,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    about_the_app = event.body["type"] in {"app_uninstalled", "tokens_revoked"}
    return {
        "token": "DEPRECATED",
        "team_id": event.actor_team or workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event.body,
        "type": "event_callback",
        "event_id": "Ev0" + secrets.token_hex(5).upper(),
        "event_time": workspace.clock.seconds(),
        "authorizations": [] if about_the_app else [installed],
        "is_ext_shared_channel": any(
            workspace.channels[channel].is_ext_shared
            for channel in event.channels
            if channel in workspace.channels
        ),
        "event_context": "4-" + secrets.token_urlsafe(12),
    }


def message(workspace: Workspace, item: Message) -> Event:
    """A message was posted; with a file it has the subtype file_share."""
    body = shapes.message(workspace, item)
    body.pop("reply_count", None)
    return _message_event(workspace, item, body | {"event_ts": item.ts})


def message_changed(workspace: Workspace, item: Message, before: Json) -> Event:
    """A message was edited, or lost a file."""
    body = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "ts": item.edited_ts,
        "event_ts": item.edited_ts,
        "message": shapes.message(workspace, item),
        "previous_message": before,
    }
    return _message_event(workspace, item, body)


def message_deleted(workspace: Workspace, item: Message, before: Json) -> Event:
    """A message was deleted."""
    now = workspace.clock.ts()
    body = {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "ts": now,
        "deleted_ts": item.ts,
        "event_ts": now,
        "previous_message": before,
    }
    return _message_event(workspace, item, body)


def _message_event(workspace: Workspace, item: Message, body: Json) -> Event:
    kind = workspace.channels[item.channel].kind
    author = workspace.users[item.user]
    body |= {"channel": item.channel, "channel_type": kind}
    return Event(_MESSAGE_SUBSCRIPTIONS[kind], body, (item.channel,), author.team_id)


def app_mention(workspace: Workspace, item: Message) -> Event:
    """Someone wrote the bot's name."""
    body = shapes.message(workspace, item) | {
        "type": "app_mention",
        "channel": item.channel,
        "event_ts": item.ts,
    }
    body.pop("subtype", None)
    return Event("app_mention", body, (item.channel,), workspace.users[item.user].team_id)


def file_shared(workspace: Workspace, item: File, share: Share) -> Event:
    """A file appeared in a channel."""
    body = _file_body("file_shared", item) | {
        "channel_id": share.channel,
        "user_id": share.user,
        "event_ts": share.ts,
    }
    return Event("file_shared", body, (share.channel,), workspace.users[share.user].team_id)


def file_unshared(workspace: Workspace, item: File, channel: str, user: str) -> Event:
    """A file is no longer in a channel."""
    body = _file_body("file_unshared", item) | {
        "user_id": user,
        "channel_id": channel,
        "event_ts": workspace.clock.ts(),
    }
    return Event("file_unshared", body, (channel,))


def file_change(item: File) -> Event:
    """Something about a file changed. Slack says neither what nor where."""
    return Event("file_change", _file_body("file_change", item), tuple(s.channel for s in item.shares))


def file_deleted(workspace: Workspace, item: File) -> Event:
    """A file was deleted."""
    channels = tuple(dict.fromkeys(share.channel for share in item.shares))
    body = {
        "type": "file_deleted",
        "file_id": item.id,
        "channel_ids": list(channels),
        "event_ts": workspace.clock.ts(),
    }
    return Event("file_deleted", body, channels)


def _file_body(kind: str, item: File) -> Json:
    return {"type": kind, "file_id": item.id, "file": {"id": item.id}}


def member_joined(workspace: Workspace, channel: Channel, user: User, inviter: str | None) -> Event:
    """Someone, perhaps the bot, came into a channel."""
    body = _member_body(workspace, "member_joined_channel", channel, user)
    if inviter:
        body["inviter"] = inviter
    return Event("member_joined_channel", body, (channel.id,))


def member_left(workspace: Workspace, channel: Channel, user: User) -> Event:
    """Someone else than the bot left a channel."""
    return Event(
        "member_left_channel",
        _member_body(workspace, "member_left_channel", channel, user),
        (channel.id,),
    )


def _member_body(workspace: Workspace, kind: str, channel: Channel, user: User) -> Json:
    return {
        "type": kind,
        "user": user.id,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": user.team_id,
        "event_ts": workspace.clock.ts(),
    }


def app_home_opened(user: User, channel: Channel, tab: str) -> Event:
    """Somebody looks at the app's own page; `tab` is `home` or `messages`."""
    body = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
    return Event("app_home_opened", body)


def agent_session_stopped(
    workspace: Workspace, user: User, channel: Channel, thread_ts: str, streaming: Sequence[str]
) -> Event:
    """Somebody stopped the bot's work in a thread; `streaming` are its messages that Slack ended."""
    body = {
        "type": "agent_session_stopped",
        "channel": channel.id,
        "user": user.id,
        "thread_ts": thread_ts,
        "streaming_message_ts": list(streaming),
        "event_ts": workspace.clock.ts(),
    }
    return Event("agent_session_stopped", body, (channel.id,))


def user_change(workspace: Workspace, user: User) -> Event:
    """Somebody is no longer what they were: deactivated, a guest, an admin, or only renamed."""
    now = workspace.clock.ts()
    body = {"type": "user_change", "user": shapes.user(user), "cache_ts": int(float(now)), "event_ts": now}
    return Event("user_change", body)


def channel_event(workspace: Workspace, channel: Channel, what: str, **fields: object) -> Event:
    """A `channel_…` event, or `group_…` for a private channel: left, archive, unarchive, deleted."""
    name = f"{'group' if channel.is_private else 'channel'}_{what}"
    body = {"type": name, "channel": channel.id, **fields, "event_ts": workspace.clock.ts()}
    return Event(name, body, (channel.id,), after_leaving=what == "left")


def channel_rename(workspace: Workspace, channel: Channel) -> Event:
    """A channel has a new name."""
    renamed = {
        "id": channel.id,
        "is_channel": True,
        "is_mpim": False,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
    }
    event = channel_event(workspace, channel, "rename")
    return Event(event.subscription, event.body | {"channel": renamed}, event.channels)


def channel_id_changed(workspace: Workspace, channel: Channel, old_id: str) -> Event:
    """A channel has a new id, as when it becomes shared with another company."""
    body = {
        "type": "channel_id_changed",
        "old_channel_id": old_id,
        "new_channel_id": channel.id,
        "event_ts": workspace.clock.ts(),
    }
    return Event("channel_id_changed", body, (channel.id,))


def channel_shared(workspace: Workspace, channel: Channel, other_team: str) -> Event:
    """A channel is shared with another company from now on, or no longer."""
    body: Json = {"channel": channel.id, "event_ts": workspace.clock.ts()}
    if channel.is_ext_shared:
        body |= {"type": "channel_shared", "connected_team_id": other_team}
    else:
        body |= {
            "type": "channel_unshared",
            "previously_connected_team_id": other_team,
            "is_ext_shared": False,
        }
    return Event(str(body["type"]), body, (channel.id,))


def uninstalled(workspace: Workspace) -> list[Event]:
    """The app was removed; Slack does not say which of the two comes first."""
    tokens = {"oauth": [], "bot": [workspace.bot.id]}
    return [
        Event("app_uninstalled", {"type": "app_uninstalled"}),
        Event("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens}),
    ]
