"""chat.startStream, chat.appendStream, chat.stopStream: a message that grows while it is written."""

from __future__ import annotations

from bot.playground.blocks import check_blocks
from bot.playground.content import check_content
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json, Message
from bot.playground.refusal import Refusal

MAX_MARKDOWN = 12_000
"""Of one call's text, as documented; the whole message may be longer."""


def start(call: Call) -> Json:
    """Begin a reply in a thread. In a channel, Slack wants to know for whom it is written."""
    channel = call.own_channel()
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not call.text(name):
                raise Refusal(f"missing_{name}")
    root = call.workspace.root_of(channel.id, call.text("thread_ts"))
    if root is None:
        raise Refusal("thread_not_found")
    text = _text(call)
    message = Message(
        ts=call.workspace.clock.ts(),
        channel=channel.id,
        user=call.workspace.bot.id,
        bot_id=call.workspace.bot.bot_id,
        thread_ts=root,
        text=text,
        blocks=_blocks(text),
        streaming=True,
    )
    call.workspace.post(message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    """Add to what is there. Raises Refusal `message_not_in_streaming_state` once it was stopped."""
    message = _streaming(call)
    text = message.text + _text(call)
    call.workspace.edit(message, text=text, blocks=_blocks(text))
    message.edited_ts = None  # it is still being written, and nobody is told that it was edited
    return {"channel": message.channel, "ts": message.ts}


def stop(call: Call) -> Json:
    """Add the last words, put blocks below them, and end."""
    message = _streaming(call)
    text = message.text + _text(call)
    below = call.arguments.get("blocks") or []
    check_blocks(below or _blocks(text))
    metadata = check_content({"text": "-", "metadata": call.arguments.get("metadata")}).metadata
    call.workspace.edit(
        message, text=text, blocks=[*_blocks(text), *below], metadata=metadata, streaming=False
    )
    message.edited_ts = None
    return {"channel": message.channel, "ts": message.ts, "message": {"text": text, "ts": message.ts}}


def _streaming(call: Call) -> Message:
    message = call.workspace.message(call.channel().id, call.text("ts"))
    if message.user != call.workspace.bot.id:
        raise Refusal("message_not_owned_by_app")
    if not message.streaming:
        raise Refusal("message_not_in_streaming_state")
    return message


def _text(call: Call) -> str:
    text = call.text("markdown_text")
    for chunk in call.arguments.get("chunks") or []:
        if not isinstance(chunk, dict) or chunk.get("type") != "markdown_text":
            raise Refusal("invalid_chunks")
        text += str(chunk.get("text", ""))
    if len(text) > MAX_MARKDOWN:
        raise Refusal("msg_too_long")
    return text


def _blocks(text: str) -> list[Json]:
    return [{"type": "markdown", "text": text}] if text else []


HANDLERS: dict[str, Handler] = {
    "chat.appendStream": append,
    "chat.startStream": start,
    "chat.stopStream": stop,
}
