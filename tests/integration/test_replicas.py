"""Several processes of the unmodified app on one Postgres."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import make_url
from support.fleet import LEASE_S, fleet
from support.postgres import Server
from support.replica_storm import Weather, storm
from support.slack import verdict
from support.waiting import until

from bot.app.members import remembered_members
from bot.app.notices import Notices, Topic, open_notices
from bot.app.replicas import open_replicas
from bot.database import Database
from bot.domain import UserId, WorkspaceId
from bot.playground.server import Playground
from bot.playground.workspace import TEAM_ID
from bot.providers.slack.calls import Calls

TEAM = WorkspaceId(TEAM_ID)


def rows(server: Server, url: str, statement: str) -> list[tuple]:
    return server.execute(statement, str(make_url(url).database))


def verdicts(slack: Playground, channel: str, ts: str) -> list[str]:
    return [m.text for m in slack.messages(channel, ts)[1:] if m.text.startswith("Indexed ")]


async def test_two_processes_share_the_events_and_each_finishes_what_the_other_left(
    tmp_path: Path, postgres_server: Server, postgres_url: str
) -> None:
    async with Playground.serve(ack_timeout_s=1.0, retry_delays_s=(0.2, 0.5, 1.0, 1.0)) as slack:
        alice = slack.add_user("alice")
        ops, direct = slack.add_channel("ops", members=[alice]), slack.direct_channel(alice)
        async with fleet(slack, postgres_url, tmp_path, 2) as replicas:
            shared = [
                await slack.share(alice, ops, f"{n}.txt", f"runbook {n}: failover".encode()) for n in range(8)
            ]
            asked = [await slack.say(alice, direct, f"where is runbook {n}?") for n in range(4)]
            for file in shared:
                await verdict(slack, file.ts)
            await slack.until(lambda: all(len(slack.messages(direct, ts)) == 2 for ts in asked), 20)
            took = rows(
                postgres_server,
                postgres_url,
                "SELECT DISTINCT holder FROM inbox_event WHERE processed_at > 0",
            )
            assert len(took) == 2, "both took events"
            attempts = rows(postgres_server, postgres_url, "SELECT DISTINCT attempts FROM document")
            assert attempts == [(1,)], "each file was read once"

            more = [await slack.share(alice, ops, f"late {n}.txt", f"late {n}".encode()) for n in range(4)]
            asked.append(await slack.say(alice, direct, "where is runbook 7?"))
            died_at = time.monotonic()
            await replicas.end(replicas.replicas[0])  # the eldest, who writes the replies
            for file in more:
                await verdict(slack, file.ts)
            await slack.until(lambda: len(slack.messages(direct, asked[-1])) == 2, 20)
            left = "SELECT event_id FROM inbox_event WHERE processed_at IS NULL"
            while rows(postgres_server, postgres_url, left):
                await asyncio.sleep(0.05)
                assert time.monotonic() - died_at < 4 * LEASE_S, "what it held is done within its lease"
            assert time.monotonic() - died_at < 4 * LEASE_S + 5
        assert [len(verdicts(slack, ops, file.ts)) for file in shared + more] == [1] * 12
        assert [len(slack.messages(ops, file.ts)) for file in shared + more] == [2] * 12
        assert [len(slack.messages(direct, ts)) for ts in asked] == [2] * 5


async def test_a_storm_of_kills_and_freezes_leaves_nothing_lost_doubled_or_unfinished(
    tmp_path: Path, postgres_server: Server, postgres_url: str
) -> None:
    weather = Weather(files=12, kills=1, freezes=1, replicas=2, pause_s=(0.2, 0.6), freeze_s=2 * LEASE_S)
    left = await storm(tmp_path, postgres_server, postgres_url, weather)
    assert (left.files, left.lost, left.unfinished, left.not_found, left.failed) == (12, 0, 0, 0, 0)
    assert left.unanswered == 0
    assert (left.duplicate_vectors, left.orphan_vectors) == (0, 0)
    assert left.second_replies <= 1, "only of a post that was under way when its process died"


class Ear:
    """One replica's memory of who is where, told by the others as in the app."""

    def __init__(self, slack: Playground, notices: Notices) -> None:
        self.notices = notices
        self.slack = slack
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)

        async def home() -> WorkspaceId:
            return TEAM

        self.members = remembered_members(client, Calls(), home, notices)

    async def asks(self, user: str) -> bool:
        """Whether it takes a call to Slack to say where somebody is."""
        before = len(self.slack.calls)
        await self.members.channels_of(TEAM, UserId(user))
        return len(self.slack.calls) > before


async def test_what_one_replica_forgets_the_others_forget_and_while_deaf_they_remember_nothing(
    postgres_server: Server, postgres_url: str
) -> None:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Playground.serve())
        alice = slack.add_user("alice")
        slack.add_channel("ops", members=[alice])
        ears = []
        for _ in range(2):
            database = await Database.open(postgres_url, lock_dir=None)
            stack.push_async_callback(database.close)
            notices = await stack.enter_async_context(open_notices(database.transaction, postgres_url))
            ears.append(Ear(slack, notices))
        first, second = ears
        await until(lambda: first.notices.hears() and second.notices.hears())
        await second.asks(alice)
        assert not await second.asks(alice), "it is remembered"

        first.members.forget(TEAM, UserId(alice))
        await first.notices.told()
        told_at = time.monotonic()
        while not await second.asks(alice):
            assert time.monotonic() - told_at < 1.0, "everybody knows at once"
            await asyncio.sleep(0.005)
        assert not await second.asks(alice)

        name = make_url(postgres_url).database
        postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        listening = "pid <> pg_backend_pid() AND query IN ('SELECT 1', 'LISTEN faultmaven')"
        postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {listening}")  # noqa: S608  # constants
        await until(lambda: not second.notices.hears())
        assert await second.asks(alice)
        assert await second.asks(alice), "who can't hear of changes asks each time"

        postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await until(second.notices.hears)
        assert await second.asks(alice), "what was said meanwhile is unknown"
        assert not await second.asks(alice)


async def test_a_document_is_cancelled_where_it_is_worked_on_within_a_second(postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        heard = asyncio.Event()
        both = []
        for _ in range(2):
            database = await Database.open(postgres_url, lock_dir=None)
            stack.push_async_callback(database.close)
            both.append(await stack.enter_async_context(open_replicas(database, postgres_url)))
        first, second = both
        assert first.me.eldest.is_set()
        assert not second.me.eldest.is_set()
        second.notices.on(Topic.CANCEL, lambda document_id: heard.set() if document_id == "d1" else None)
        await until(second.notices.hears)
        for _ in range(100):
            first.notices.tell(Topic.CANCEL, "d1")
        async with asyncio.timeout(1.0):
            await heard.wait()
        await first.me.leave()
        first.notices.tell(Topic.LEFT)
        second.notices.on(Topic.LEFT, second.me.look)
        async with asyncio.timeout(2.0):
            await second.me.eldest.wait()
