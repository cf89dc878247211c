"""chat: posting, ephemeral posting, editing, deleting, permalinks."""

from __future__ import annotations

from bot.playground import membership, shapes, sharing
from bot.playground.content import check_content
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Channel, Json, Message
from bot.playground.refusal import Refusal


def post_message(call: Call) -> Json:
    """Post as the bot. A user id as channel opens the direct conversation with that person."""
    channel = _target(call)
    content = check_content(call.arguments)
    message = call.workspace.post(
        Message(
            ts=call.workspace.clock.ts(),
            channel=channel.id,
            user=call.workspace.bot.id,
            bot_id=call.workspace.bot.bot_id,
            thread_ts=call.arguments.get("thread_ts"),
            text=content.text,
            blocks=content.blocks,
            metadata=content.metadata,
        )
    )
    shown = shapes.message(call.workspace, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def post_ephemeral(call: Call) -> Json:
    """Show a message to one member of the channel."""
    channel = call.own_channel()
    content = check_content(call.arguments)
    user = call.workspace.users.get(call.text("user"))
    if user is None:
        raise Refusal("user_not_found")
    if user.id not in channel.members:
        raise Refusal("user_not_in_channel")
    message = call.workspace.post_ephemeral(
        Message(
            ts=call.workspace.clock.ts(),
            channel=channel.id,
            user=call.workspace.bot.id,
            bot_id=call.workspace.bot.bot_id,
            thread_ts=call.workspace.root_of(channel.id, call.arguments.get("thread_ts")),
            text=content.text,
            blocks=content.blocks,
            only_for=user.id,
        )
    )
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Edit a message of the bot's own. Blocks that aren't given stay; an empty list removes them."""
    message = _own_message(call, "cant_update_message")
    content = check_content(call.arguments)
    call.workspace.edit(
        message,
        text=content.text,
        blocks=message.blocks if content.blocks is None else content.blocks,
        metadata=content.metadata or message.metadata,
    )
    shown = shapes.message(call.workspace, message, with_metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    """Delete a message of the bot's own."""
    message = _own_message(call, "cant_delete_message")
    sharing.delete_message(call.workspace, message)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """The address of a message."""
    channel = call.channel()
    message = call.workspace.message(channel.id, call.text("message_ts"))
    return {"channel": channel.id, "permalink": shapes.permalink(call.workspace, message)}


def _target(call: Call) -> Channel:
    user = call.workspace.users.get(call.text("channel"))
    channel = membership.open_im(call.workspace, user) if user else call.own_channel()
    if channel.is_archived:
        raise Refusal("is_archived")
    return channel


def _own_message(call: Call, otherwise: str) -> Message:
    channel = call.channel()
    message = call.workspace.message(channel.id, call.text("ts"))
    if message.user != call.workspace.bot.id:
        raise Refusal(otherwise)
    return message


HANDLERS: dict[str, Handler] = {
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
}
