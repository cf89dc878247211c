"""conversations and users.conversations: channels, who is in them, threads."""

from __future__ import annotations

from bot.playground import shapes
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Channel, Json
from bot.playground.refusal import Refusal
from bot.playground.requirements import READ
from bot.playground.workspace import Workspace

_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
MAX_REPLIES = 1000


def info(call: Call) -> Json:
    """One channel."""
    channel = call.channel()
    extra: Json = {"is_member": call.workspace.bot.id in channel.members}
    if call.arguments.get("include_num_members"):
        extra["num_members"] = len(channel.members)
    return {"channel": shapes.channel(call.workspace, channel) | extra}


def members(call: Call) -> Json:
    """The ids of a channel's members, the bot among them."""
    found, metadata = call.page(sorted(call.channel().members))
    return {"members": found, **metadata}


def replies(call: Call) -> Json:
    """The messages of a thread, its root first, to a member of the channel."""
    channel = call.own_channel()
    thread = call.workspace.thread(channel.id, call.text("ts"))
    if not thread:
        raise Refusal("thread_not_found")
    oldest, latest = call.text("oldest"), call.text("latest")
    edge = bool(call.arguments.get("inclusive"))
    kept = [message for message in thread if _after(message.ts, oldest, or_equal=edge)]
    kept = [message for message in kept if not latest or _after(latest, message.ts, or_equal=edge)]
    page, metadata = call.page(kept, default=MAX_REPLIES)
    with_metadata = bool(call.arguments.get("include_all_metadata"))
    shown = [shapes.message(call.workspace, message, with_metadata=with_metadata) for message in page]
    return {
        "messages": shown,
        "has_more": bool(metadata["response_metadata"]["next_cursor"]),
        **metadata,
    }


def of_user(call: Call) -> Json:
    """The channels of a person, or of the bot when none is named.

    Of private channels only those that the bot is in, too. Public ones are listed whether or not
    the bot is a member: who wants the channels of both must intersect.
    """
    kinds = _kinds(call)
    user_id = call.text("user") or call.workspace.bot.id
    if user_id not in call.workspace.users:
        raise Refusal("user_not_found")
    without_archived = bool(call.arguments.get("exclude_archived"))
    found = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and user_id in channel.members
        and _visible(call.workspace, channel)
        and not (without_archived and channel.is_archived)
    ]
    page, metadata = call.page(found)
    return {"channels": [shapes.channel(call.workspace, channel) for channel in page], **metadata}


def _kinds(call: Call) -> set[str]:
    words = [word.strip() for word in (call.text("types") or "public_channel").split(",")]
    if any(word not in _KINDS for word in words):
        raise Refusal("invalid_types")
    kinds = {_KINDS[word] for word in words}
    for kind in sorted(kinds):
        call.demand(READ.get(kind, "mpim:read"))
    return kinds


def _visible(workspace: Workspace, channel: Channel) -> bool:
    return channel.kind == "channel" or workspace.bot.id in channel.members


def _after(ts: str, bound: str, *, or_equal: bool) -> bool:
    key, edge = _order(ts), _order(bound)
    return key >= edge if or_equal else key > edge


def _order(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    if not (seconds or "0").isdecimal() or not (micros or "0").isdecimal():
        raise Refusal("invalid_ts_oldest")
    return int(seconds or 0), int(micros.ljust(6, "0") or 0)


HANDLERS: dict[str, Handler] = {
    "conversations.info": info,
    "conversations.members": members,
    "conversations.replies": replies,
    "users.conversations": of_user,
}
