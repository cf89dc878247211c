"""The Web API methods, one noun a file. `HANDLERS` is what the server dispatches by."""

from __future__ import annotations

from bot.playground.methods import (
    agents,
    app,
    assistant,
    chat,
    conversations,
    files,
    manifests,
    streams,
    users,
    views,
)
from bot.playground.methods.call import Handler

HANDLERS: dict[str, Handler] = {
    **agents.HANDLERS,
    **app.HANDLERS,
    **assistant.HANDLERS,
    **chat.HANDLERS,
    **conversations.HANDLERS,
    **files.HANDLERS,
    **manifests.HANDLERS,
    **streams.HANDLERS,
    **users.HANDLERS,
    **views.HANDLERS,
}
