"""users and bots."""

from __future__ import annotations

from bot.playground import shapes
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json
from bot.playground.refusal import Refusal


def info(call: Call) -> Json:
    """One person."""
    return {"user": shapes.user(call.workspace.user(call.text("user")))}


def bot_info(call: Call) -> Json:
    """The bot, the only one here."""
    bot = call.workspace.bot
    if call.text("bot") not in {"", bot.bot_id}:
        raise Refusal("bot_not_found")
    return {
        "bot": {
            "id": bot.bot_id,
            "deleted": False,
            "name": bot.real_name,
            "app_id": call.workspace.app_id,
            "user_id": bot.id,
        }
    }


HANDLERS: dict[str, Handler] = {"bots.info": bot_info, "users.info": info}
