"""The reply to a file shows what became of it, also when a frozen replica comes late with an older edit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from support.freezing import Freezing
from support.tables import sqlite_in

from bot.database import Database
from bot.domain import ChannelId, FileId, Job, Message, Stage, WorkspaceId
from bot.playground.server import Playground
from bot.providers.slack.poster import SlackPoster
from bot.slack.status_reply import StatusReplies

T1 = WorkspaceId("T1")


@dataclass
class Desk:
    """A file whose reply says that it is read, and the poster of whoever writes replies."""

    slack: Playground
    database: Database
    poster: SlackPoster
    channel: str
    asked: str
    job: Job

    def replies(self, poster: Any = None) -> StatusReplies:  # noqa: ANN401  # or what wraps one
        return StatusReplies(self.database.transaction, lambda _: poster or self.poster)

    async def progress(self, stage: Stage) -> None:
        async with self.database.transaction() as tx:
            await tx.documents.progress(self.job, stage, 0, 1, now=2.0)

    async def finish(self) -> None:
        async with self.database.transaction() as tx:
            await tx.documents.finish(self.job, pages=1, chunks=1, partial=None, now=3.0)

    def said(self) -> list[str]:
        return [message.text for message in self.slack.messages(self.channel, self.asked)[1:]]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice, slack.bot_user])
        ts = await slack.say(alice, ops, "a file")
        async with database.transaction() as tx:
            await tx.documents.accept(T1, FileId("F1"), Message(ChannelId(ops), ts), now=1.0)
            job = await tx.documents.claim(now=1.0)
        assert job is not None
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        made = Desk(slack, database, SlackPoster(client), ops, ts, job)
        await made.replies().sync()
        await made.progress(Stage.EXTRACT)
        yield made
    await database.close()


async def test_an_edit_that_comes_too_late_is_put_right_also_if_its_writer_is_told_to_stop(
    desk: Desk,
) -> None:
    frozen = Freezing(desk.poster, "before edit")
    late = asyncio.create_task(desk.replies(frozen).sync())
    await frozen.frozen.wait()
    await desk.finish()
    await desk.replies().sync()
    assert desk.said()[0].startswith("Indexed ")

    late.cancel()  # another replica is the eldest by now
    await asyncio.sleep(0)
    frozen.thawed.set()
    with pytest.raises(asyncio.CancelledError):
        await late
    assert not desk.said()[0].startswith("Indexed "), "too late, and over what was right"
    assert await desk.replies().sync() == 1
    assert [text[:8] for text in desk.said()] == ["Indexed "]
    assert await desk.replies().sync() == 0


async def test_who_wakes_before_it_edits_sees_that_another_has_shown_more(desk: Desk) -> None:
    async with desk.database.transaction(reading=True) as tx:
        [seen] = await tx.replies.stale(now=9e9, limit=9)
    await desk.finish()
    await desk.replies().sync()
    edits = len(desk.slack.calls)
    await desk.replies()._sync(seen)  # what it had read before it was frozen
    assert len(desk.slack.calls) == edits
    assert [text[:8] for text in desk.said()] == ["Indexed "]
