"""files: one file, and lists of files; the bot sees those shared where it is a member."""

from __future__ import annotations

from bot.playground import shapes
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json
from bot.playground.refusal import Refusal
from bot.playground.sharing import bot_may_see

MAX_COUNT = 1000


def info(call: Call) -> Json:
    """One file with its shares."""
    file = call.workspace.file(call.text("file"))
    if not bot_may_see(call.workspace, file):
        raise Refusal("file_not_found")
    shown = shapes.file_with_shares(call.workspace, file)
    if call.faults.shares_missing(file.id):
        shown |= {"shares": {}, "channels": [], "groups": [], "ims": []}
    return {"file": shown, "comments": [], "response_metadata": {"next_cursor": ""}}


def list_files(call: Call) -> Json:
    """Files, newest first, by channel and by person."""
    count = int(call.arguments.get("count", 100))
    page = int(call.arguments.get("page", 1))
    if not 1 <= count <= MAX_COUNT or page < 1:
        raise Refusal("invalid_arguments")
    channel = call.own_channel().id if call.text("channel") else None
    user = call.text("user")
    found = [
        file
        for file in reversed(call.workspace.files.values())
        if not file.deleted
        and bot_may_see(call.workspace, file)
        and (channel is None or any(share.channel == channel for share in file.shares))
        and user in {"", file.user}
    ]
    shown = found[(page - 1) * count : page * count]
    pages = -(-len(found) // count)
    return {
        "files": [shapes.file_with_shares(call.workspace, file) for file in shown],
        "paging": {"count": count, "total": len(found), "page": page, "pages": pages},
    }


HANDLERS: dict[str, Handler] = {"files.info": info, "files.list": list_files}
