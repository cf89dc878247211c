"""What a workspace chooses with `/fm settings`, and a channel's members with `/fm ignore`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from bot.domain import MAX_DAYS, ChannelId, Person, Standing, UserId, WorkspaceId
from bot.errors import MessageRefused, QueryRejected
from bot.ingest.forget import ignore_channel, notice_channel
from bot.ports import Content
from bot.slack.backfill import offer
from bot.slack.render_settings import settings_lines
from bot.slack.services import Services

CHANNEL = re.compile(r"<#(?P<id>[CG]\w+)(?:\|[^>]*)?>$")
USAGE = (
    "`/fm settings public on` or `off`, `/fm settings retention 90` or `off`, `/fm settings log 90`, "
    "`/fm settings ignore #channel`, `/fm settings unignore #channel`"
)
NOT_AN_ADMIN = "Only admins of this workspace change its settings"
MAX_DIGITS = 10
"""Longer ones are not even read."""
NO_CHANNEL = (
    "I know no such channel that you and I are both in",
    "Type `/fm ignore` in the channel that you mean.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and in which channel."""

    services: Services
    workspace: WorkspaceId
    user: UserId
    channel: ChannelId

    async def person(self) -> Person:
        """What they are."""
        return await self.services.members.person(self.workspace, self.user)


async def settings(asked: Asked, text: str) -> str:
    """Show what was chosen, or change it, which admins may. Raises QueryRejected for anything else."""
    word, _, rest = text.partition(" ")
    if word.lower() == "ignore":
        return await ignore(asked, rest)
    if word.lower() == "unignore":
        return await unignore(asked, rest)
    if text:
        await choose(asked, _change(text.lower().split()))
    return await _shown(asked)


def _change(words: list[str]) -> dict[str, Any]:
    """The fields of WorkspaceSettings that these words change."""
    match words:
        case ["public", "on" | "off" as state]:
            return {"public": state == "on"}
        case ["retention", "off"]:
            return {"retention_days": None}
        case ["retention", days]:
            return {"retention_days": _days(days)}
        case ["log", days]:
            return {"log_days": _days(days)}
        case _:
            raise QueryRejected("I don't know that setting", f"There is {USAGE}.")


async def ignore(asked: Asked, text: str) -> str:
    """Index nothing in a channel that the asker is in, and forget what was shared in it."""
    channel = await _channel(asked, text)
    if not await ignore_channel(asked.services.ingest, asked.workspace, channel):
        return "I ignore that channel already."
    await _announce(
        asked,
        channel,
        "asked me to ignore this channel: what is shared here is not indexed any more, and what I had "
        "indexed can't be found any more. `/fm unignore` ends it.",
    )
    return "From now on I ignore that channel. I told it there."


async def unignore(asked: Asked, text: str) -> str:
    """Index again what is shared in a channel from now on, and offer what was shared before."""
    channel, services = await _channel(asked, text), asked.services
    if not await notice_channel(services.ingest, asked.workspace, channel):
        return "I don't ignore that channel."
    await _announce(asked, channel, "asked me to index this channel again, from now on.")
    await offer(services.backfill, services.poster_of(asked.workspace), asked.workspace, channel, math.inf)
    return "From now on I index that channel again. I told it there."


async def _channel(asked: Asked, text: str) -> ChannelId:
    """The channel that is meant, this one where none is named. Only one that the asker and the bot are in."""
    named = CHANNEL.match(text.strip())
    if text.strip() and named is None:
        raise QueryRejected(*NO_CHANNEL)
    channel = ChannelId(named["id"]) if named else asked.channel
    if (await asked.person()).standing not in {Standing.MEMBER, Standing.GUEST}:
        raise QueryRejected(*NO_CHANNEL)
    if channel not in await asked.services.members.channels_of(asked.workspace, asked.user):
        raise QueryRejected(*NO_CHANNEL)
    return channel


async def choose(asked: Asked, changes: dict[str, Any]) -> None:
    """Change fields of WorkspaceSettings. Raises QueryRejected for all but admins."""
    if not (await asked.person()).is_admin:
        raise QueryRejected(NOT_AN_ADMIN)
    ingest = asked.services.ingest
    async with ingest.transaction() as tx:
        chosen = replace(await tx.workspaces.settings(asked.workspace), **changes)
        await tx.workspaces.choose(asked.workspace, chosen, now=ingest.clock())


async def _shown(asked: Asked) -> str:
    """All settings. Of ignored channels only those that the asker is in."""
    chosen = await asked.services.settings_of(asked.workspace)
    theirs = await asked.services.members.channels_of(asked.workspace, asked.user)
    ignored = ", ".join(f"#{theirs[one].name or one}" for one in sorted(chosen.ignored & theirs.keys()))
    return "\n".join(
        [
            *settings_lines(chosen),
            f"Channels of yours that I ignore: {ignored or 'none'}.",
            f"Admins change this: {USAGE}.",
        ]
    )


def days_of(text: str) -> int | None:
    """A number of days that may be chosen, None for anything else."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and 1 <= int(text) <= MAX_DAYS:
        return int(text)
    return None


def _days(text: str) -> int:
    if days := days_of(text):
        return days
    raise QueryRejected(f"“{text[:20]}” is no number of days from 1 to {MAX_DAYS:,}")


async def _announce(asked: Asked, channel: ChannelId, what: str) -> None:
    """Tell everybody there, and who wanted it; where we can't post, nobody has to be told."""
    text = f"<@{asked.user}> {what}"
    content: Content = {
        "text": text,
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
    }
    mark = f"ignored {channel} {asked.services.ingest.clock()}"
    try:
        await asked.services.poster_of(asked.workspace).post(channel, None, content, mark)
    except MessageRefused:
        return
