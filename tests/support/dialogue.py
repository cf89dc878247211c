"""Conversations as people have them: somebody says something, the bot answers."""

from __future__ import annotations

from bot.playground.model import Message
from bot.playground.server import Playground
from support.slack import shown


async def mention(slack: Playground, user: str, channel: str, text: str, thread: str | None = None) -> str:
    """Ask by name; the message's ts."""
    return await slack.say(user, channel, f"<@{slack.bot_user}> {text}", thread_ts=thread)


async def reply_to(slack: Playground, channel: str, ts: str, thread: str | None = None) -> Message:
    """What the bot says to everybody in the thread, after the message `ts`."""
    return await slack.wait_for(
        lambda m: (
            m.channel == channel
            and m.only_for is None
            and m.user == slack.bot_user
            and m.thread_ts == (thread or ts)
            and m.ts > ts
            and not m.streaming
        )
    )


async def whisper_to(slack: Playground, user: str, after: str) -> Message:
    """What the bot says to one person alone, after the message `after`."""
    return await slack.wait_for(lambda m: m.only_for == user and m.ts > after)


def said(slack: Playground, channel: str, thread: str) -> list[str]:
    """All that the bot said to everybody in a thread, in order."""
    return [shown(m) for m in slack.messages(channel, thread) if m.user == slack.bot_user]
