"""assistant.threads: the line that says what the bot is doing, and prompts to choose from."""

from __future__ import annotations

from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json
from bot.playground.refusal import with_messages

MAX_PROMPTS = 4


def set_status(call: Call) -> Json:
    """Show what the bot is doing in a thread; an empty status clears it."""
    channel = call.own_channel("channel_id")
    call.workspace.set_status(channel.id, call.text("thread_ts"), call.text("status"))
    return {}


def set_suggested_prompts(call: Call) -> Json:
    """Offer up to four prompts. With `thread_ts` an agent's are dropped without a word, as at Slack."""
    channel = call.own_channel("channel_id")
    prompts = call.arguments["prompts"]
    fine = isinstance(prompts, list) and 0 < len(prompts) <= MAX_PROMPTS
    if not fine or not all(isinstance(p, dict) and p.get("title") and p.get("message") for p in prompts):
        problem = f"1 to {MAX_PROMPTS} prompts with title and message [json-pointer:/prompts]"
        raise with_messages("invalid_arguments", [problem])
    if not call.text("thread_ts"):
        call.workspace.suggest(channel, [{key: str(p[key]) for key in ("title", "message")} for p in prompts])
    return {}


HANDLERS: dict[str, Handler] = {
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setSuggestedPrompts": set_suggested_prompts,
}
