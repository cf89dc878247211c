"""One bot in one workspace for the tests of a module; each brings people, channels, files of its own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import Running
from bot.domain import WorkspaceId
from bot.playground import membership
from bot.playground.model import Message, SharedFile
from bot.playground.server import Playground
from support.bot import bot_in, caught_up
from support.slack import ask, shown, texts, verdict

OTHER_TEAM = "T0OTHER01"


@dataclass
class Company:
    """`n` makes names of this test's own."""

    slack: Playground
    bot: Running
    numbers: itertools.count = field(default_factory=itertools.count)

    @property
    def team(self) -> WorkspaceId:
        return WorkspaceId(self.slack.workspace.team_id)

    def person(self, name: str, **what: Any) -> str:  # noqa: ANN401  # as add_user takes it
        return self.slack.add_user(f"{name}{next(self.numbers)}", **what)

    def stranger(self, name: str = "eve") -> str:
        """Somebody of another company."""
        return self.person(name, team_id=OTHER_TEAM)

    def channel(self, name: str, *members: str, private: bool = False) -> str:
        number = next(self.numbers)
        return self.slack.add_channel(f"{name}{number}", members=list(members), is_private=private)

    async def connect(self, channel: str, *strangers: str) -> None:
        """Share a channel with the other company, whose people come in."""
        membership.connect(self.slack.workspace, self.slack.workspace.channel(channel), OTHER_TEAM)
        for stranger in strangers:
            await self.slack.join(stranger, channel, inviter=stranger)
        await self.calm()

    async def convert(self, channel: str, user: str, *, private: bool) -> None:
        where, who = self.slack.workspace.channel(channel), self.slack.workspace.user(user)
        membership.convert(self.slack.workspace, where, who, private=private)
        await self.calm()

    async def file(self, user: str, channel: str, title: str, words: str) -> SharedFile:
        """Share a file and wait until it is indexed."""
        shared = await self.slack.share(user, channel, f"{title}.txt", words.encode(), title=title)
        reply = await verdict(self.slack, shared.ts)
        assert reply.text.startswith("Indexed"), reply.text
        return shared

    async def calm(self) -> None:
        """Wait until everything that happened is known to the bot."""
        await caught_up(self.slack, self.bot)

    async def fm(self, user: str, channel: str, text: str) -> str:
        """What a person reads after `/fm …`."""
        await self.calm()
        return shown(await ask(self.slack, user, channel, f"/fm {text}"))

    async def asked(self, user: str, channel: str, text: str) -> Message:
        """The ephemeral message after `/fm …`, with its buttons."""
        await self.calm()
        return await ask(self.slack, user, channel, f"/fm {text}")

    async def choose(self, text: str) -> None:
        """Change a setting, as an admin."""
        admin = self.person("admin", admin=True)
        reply = await self.fm(admin, self.channel("admins", admin), f"settings {text}")
        assert "Admins change this" in reply, reply

    async def home(self, user: str) -> str:
        """What a person reads on the app's own page."""
        views: dict[str, Any] = self.slack.workspace.home_views
        views.pop(user, None)
        await self.slack.open_home(user)
        await self.slack.until(lambda: user in views)
        return "\n".join(texts(views[user]["blocks"]))

    def told(self, channel: str) -> str:
        """All that the bot ever said to everybody in a channel, in whatever thread."""
        stored = self.slack.workspace.messages[channel].values()
        return "\n".join(
            f"{m.text} {shown(m)}" for m in stored if m.user == self.slack.bot_user and not m.deleted
        )

    def whispered(self, user: str) -> str:
        """All that only this person was shown."""
        return "\n".join(f"{m.text} {shown(m)}" for m in self.slack.ephemerals(user))


@asynccontextmanager
async def company_in(folder: Path) -> AsyncIterator[Company]:
    async with Playground.serve() as slack, bot_in(slack, folder) as bot:
        yield Company(slack, bot)
