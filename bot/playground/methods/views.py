"""views: forms over the page."""

from __future__ import annotations

from bot.playground.ids import new_id
from bot.playground.methods.call import Call, Handler
from bot.playground.modals import check_modal
from bot.playground.model import Json


def open_view(call: Call) -> Json:
    """Open a modal for whoever did something within the last three seconds."""
    user = call.workspace.user(call.workspace.triggers.take(call.text("trigger_id")))
    view = check_modal(call.arguments["view"]) | {"id": new_id("V", "FM")}
    call.workspace.show_modal(user, view)
    return {"view": view}


HANDLERS: dict[str, Handler] = {"views.open": open_view}
