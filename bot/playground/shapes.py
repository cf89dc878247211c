"""The JSON objects of Slack's API: user, channel, message, file, permalink."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.playground.model import Channel, File, Json, Message, Share, User

if TYPE_CHECKING:
    from bot.playground.workspace import Workspace

_ELSEWHERE = "https://drive.example.com/document"


def user(person: User) -> Json:
    """A user object, as in users.info."""
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "color": person.color,
        "real_name": person.real_name,
        "tz": person.tz,
        "profile": {
            "display_name": person.name,
            "real_name": person.real_name,
            "team": person.team_id,
        },
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "is_stranger": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def channel(workspace: Workspace, item: Channel) -> Json:
    """A conversation object, as in users.conversations; a direct conversation has fewer fields."""
    if item.im_user:
        return {
            "id": item.id,
            "created": item.created,
            "is_im": True,
            "is_org_shared": False,
            "user": item.im_user,
            "is_user_deleted": False,
        }
    return {
        "id": item.id,
        "name": item.name,
        "name_normalized": item.name,
        "is_channel": not item.is_private,
        "is_group": item.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": item.is_private,
        "is_archived": item.is_archived,
        "is_general": item.name == "general",
        "is_shared": item.is_ext_shared,
        "is_org_shared": False,
        "is_ext_shared": item.is_ext_shared,
        "is_pending_ext_shared": False,
        "created": item.created,
        "creator": item.creator,
        "context_team_id": workspace.team_id,
        "shared_team_ids": [workspace.team_id],
        "topic": {"value": item.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "unlinked": 0,
        "updated": item.created * 1000,
    }


def message(workspace: Workspace, item: Message, *, with_metadata: bool = False) -> Json:
    """A message as the API shows it; metadata only on request, as at Slack."""
    author = workspace.users[item.user]
    shape: Json = {"type": "message", "user": item.user, "text": item.text, "ts": item.ts}
    if author.team_id != workspace.team_id:
        shape |= {"team": author.team_id, "user_team": author.team_id, "source_team": author.team_id}
    else:
        shape["team"] = workspace.team_id
    if item.subtype:
        shape["subtype"] = item.subtype
    if item.bot_id:
        shape |= {
            "bot_id": item.bot_id,
            "app_id": workspace.app_id,
            "bot_profile": {
                "id": item.bot_id,
                "app_id": workspace.app_id,
                "name": author.real_name,
                "team_id": workspace.team_id,
                "deleted": False,
            },
        }
    if item.blocks:
        shape["blocks"] = item.blocks
    if item.files:
        shape |= {"files": [file_in_message(workspace, file_id, author) for file_id in item.files]}
        shape["upload"] = item.subtype == "file_share"
    if item.edited_ts:
        shape["edited"] = {"user": item.user, "ts": item.edited_ts}
    if with_metadata and item.metadata:
        shape["metadata"] = item.metadata
    return shape | _thread_fields(workspace, item)


def _thread_fields(workspace: Workspace, item: Message) -> Json:
    stored = workspace.messages.get(item.channel, {})
    if item.thread_ts:
        root = stored.get(item.thread_ts)
        return {"thread_ts": item.thread_ts} | ({"parent_user_id": root.user} if root else {})
    replies = [reply for reply in stored.values() if reply.thread_ts == item.ts and not reply.deleted]
    if not replies:
        return {}
    return {
        "thread_ts": item.ts,
        "reply_count": len(replies),
        "reply_users": sorted({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
    }


def file_in_message(workspace: Workspace, file_id: str, sharer: User) -> Json:
    """A file inside a message: whole, a stub for another company's, a tombstone once it is gone."""
    item = workspace.files[file_id]
    if item.deleted:
        return {"id": item.id, "mode": "tombstone"}
    if sharer.team_id != workspace.team_id:
        return {
            "id": item.id,
            "mode": "file_access",
            "file_access": "check_file_info",
            "created": 0,
            "timestamp": 0,
            "user": "",
        }
    return file(workspace, item)


def file(workspace: Workspace, item: File) -> Json:
    """A file object without its shares, as inside a message."""
    return _file(workspace, item) | _transcription(workspace, item) | item.details


def _transcription(workspace: Workspace, item: File) -> Json:
    """What the object of a recording has besides, once Slack has written down what is said."""
    if item.transcript is None:
        return {}
    return {
        "transcription": {
            "status": "complete",
            "locale": "en-US",
            "preview": {"content": "", "has_more": True},
        },
        "vtt": f"{workspace.origin}/files-tmb/{item.user_team}-{item.id}/file.vtt",
    }


def _file(workspace: Workspace, item: File) -> Json:
    name = quote(item.name)
    address = f"{workspace.origin}/files-pri/{item.user_team}-{item.id}"
    return {
        "id": item.id,
        "created": item.created,
        "timestamp": item.created,
        "updated": item.updated,
        "name": item.name,
        "title": item.title,
        "mimetype": item.mimetype,
        "filetype": item.filetype,
        "pretty_type": item.pretty_type,
        "user": item.user,
        "user_team": item.user_team,
        "editable": item.mode == "snippet",
        "size": len(item.data),
        "mode": item.mode,
        "is_external": item.mode == "external",
        "external_type": "gdrive" if item.mode == "external" else "",
        "is_public": any(not workspace.channels[s.channel].is_private for s in _live_shares(workspace, item)),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{_ELSEWHERE}/{name}" if item.mode == "external" else f"{address}/{name}",
        "url_private_download": f"{address}/download/{name}",
        "media_display_type": "unknown",
        "permalink": f"{workspace.origin}/files/{item.user}/{item.id}/{name}",
        "permalink_public": f"{workspace.origin}/{item.user_team}-{item.id}-0a1b2c3d4e",
        "has_rich_preview": False,
        "file_access": "visible",
    }


def file_with_shares(workspace: Workspace, item: File) -> Json:
    """A file object as files.info gives it to the bot: private shares only where the bot is in."""
    shares: dict[str, dict[str, list[Json]]] = {}
    seen: dict[str, list[str]] = {"channel": [], "group": [], "im": []}
    for share in _live_shares(workspace, item):
        where = workspace.channels[share.channel]
        if where.kind != "channel" and not workspace.bot_sees(where.id):
            continue
        entry: Json = {
            "reply_users": [],
            "reply_users_count": 0,
            "reply_count": 0,
            "ts": share.ts,
            "channel_name": where.name,
            "team_id": workspace.team_id,
            "share_user_id": share.user,
            "source": "UNKNOWN",
        }
        if share.thread_ts:
            entry["thread_ts"] = share.thread_ts
        side = "public" if where.kind == "channel" else "private"
        shares.setdefault(side, {}).setdefault(where.id, []).append(entry)
        if where.id not in seen[where.kind]:
            seen[where.kind].append(where.id)
    lists = {"channels": seen["channel"], "groups": seen["group"], "ims": seen["im"]}
    return file(workspace, item) | {"shares": shares} | lists | {"comments_count": 0}


def permalink(workspace: Workspace, item: Message) -> str:
    """The address of a message; it opens on the playground's page."""
    address = f"{workspace.origin}/archives/{item.channel}/p{item.ts.replace('.', '')}"
    return f"{address}?thread_ts={item.thread_ts}&cid={item.channel}" if item.thread_ts else address


def _live_shares(workspace: Workspace, item: File) -> list[Share]:
    return [share for share in item.shares if share.channel in workspace.channels]
