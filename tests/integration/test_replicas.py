"""Several processes of the unmodified app on one Postgres."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sqlalchemy import make_url
from support.fleet import LEASE_S, fleet
from support.postgres import Server
from support.slack import verdict

from bot.playground.server import Playground


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
