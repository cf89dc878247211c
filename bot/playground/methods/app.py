"""auth, apps, team, views: what concerns the app itself."""

from __future__ import annotations

from bot.playground.blocks import MAX_VIEW_BLOCKS, check_blocks
from bot.playground.ids import new_id
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json
from bot.playground.refusal import Refusal, with_messages


def auth_test(call: Call) -> Json:
    """Whose token this is."""
    if call.token == "app":  # noqa: S105  # the kind of token, not one
        return {"app_name": call.manifest.name, "app_id": call.workspace.app_id}
    bot = call.workspace.bot
    return {
        "url": f"{call.workspace.origin}/",
        "team": call.workspace.name,
        "user": bot.name,
        "team_id": call.workspace.team_id,
        "user_id": bot.id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": call.workspace.org_wide,
    }


def revoke(call: Call) -> Json:
    """Give the token back, and with it the installation."""
    call.workspace.uninstall()
    return {"revoked": True}


def open_connection(call: Call) -> Json:
    """A WebSocket address that works once."""
    return {"url": call.open_socket()}


def team_info(call: Call) -> Json:
    """The workspace's name and domain."""
    workspace = call.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain}}


def publish_view(call: Call) -> Json:
    """Show a home tab to one person."""
    if not call.manifest.home_tab:
        raise Refusal("not_enabled")
    user = call.workspace.users.get(call.text("user_id"))
    if user is None:
        raise Refusal("user_not_found")
    view = call.arguments["view"]
    if not isinstance(view, dict) or view.get("type") != "home":
        raise with_messages("invalid_arguments", ["unsupported type [json-pointer:/view/type]"])
    check_blocks(view.get("blocks"), limit=MAX_VIEW_BLOCKS)
    view = view | {"id": new_id("V", "FM")}
    call.workspace.publish_home(user, view)
    return {"view": view}


HANDLERS: dict[str, Handler] = {
    "apps.connections.open": open_connection,
    "auth.revoke": revoke,
    "auth.test": auth_test,
    "team.info": team_info,
    "views.publish": publish_view,
}
