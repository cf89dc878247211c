"""What people do in Slack and what they see, as short calls for tests."""

from __future__ import annotations

from collections.abc import Iterator

from bot.playground.model import Message
from bot.playground.server import Playground


async def ask(slack: Playground, user: str, channel: str, text: str) -> Message:
    """Run a slash command; the ephemeral message that answers it."""
    before = len(slack.ephemerals(user))
    await slack.command(user, channel, text)
    await slack.until(lambda: len(slack.ephemerals(user)) > before)
    return slack.ephemerals(user)[-1]


async def verdict(slack: Playground, ts: str) -> Message:
    """The bot's reply in the thread of a message, once it says what became of the file."""
    return await slack.wait_for(
        lambda m: m.thread_ts == ts and m.text.startswith(("Indexed ", "Could not index "))
    )


def shown(message: Message) -> str:
    """All the text that a message's blocks show, in order."""
    return "".join(texts(message.blocks))


def texts(value: object) -> Iterator[str]:
    """Every string in a value of blocks, in order."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in {"type", "style"}:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
