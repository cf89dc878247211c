"""agents.sessions: whether the bot is at work in a thread; while it is, people can stop it."""

from __future__ import annotations

from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json
from bot.playground.refusal import Refusal

STATUSES = frozenset({"active", "processing", "suspended", "closed"})


def set_status(call: Call) -> Json:
    """Set a session's status. Sessions of channels and direct conversations are threads."""
    channel, thread_ts, status = call.own_channel("channel_id"), call.text("thread_ts"), call.text("status")
    if status not in STATUSES or not thread_ts:
        raise Refusal("invalid_arguments")
    call.workspace.set_session(channel.id, thread_ts, status)
    return {"agent_status": status}


HANDLERS: dict[str, Handler] = {"agents.sessions.setStatus": set_status}
