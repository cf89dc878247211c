"""Two replicas of the unmodified app behind a balancer, on one Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from support.balancer import Balancer
from support.bot import HURRY, bot_in, caught_up
from support.chat_model import Behaviour
from support.cohere_server import CohereServer
from support.dialogue import mention
from support.installing import allow, begin, browser, settings_of
from support.postgres import Server
from support.slack import ask, shown, verdict

from bot.app import Running, running
from bot.documents.vault import new_key
from bot.playground.host import SlackHost
from bot.playground.model import Message
from bot.playground.server import Playground
from bot.settings import Settings
from bot.slack.stopping import STOPPED_WORDS


@dataclass
class Pair:
    """Two replicas, what is before them, and the database that they share."""

    slack: Playground
    balancer: Balancer
    one: Running
    two: Running
    server: Server
    url: str

    def rows(self, statement: str) -> list[tuple]:
        return self.server.execute(statement, str(make_url(self.url).database))

    def number(self, statement: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {statement}")[0][0])  # noqa: S608  # constants


def told_more(slack: Playground, person: str, than: int) -> bool:
    return len(slack.ephemerals(person)) > than


@asynccontextmanager
async def pair_in(folder: Path, server: Server, url: str, **settings: Any) -> AsyncIterator[Pair]:  # noqa: ANN401
    async with (
        Playground.serve(delivery="http", ack_timeout_s=5.0, retry_delays_s=(0.05, 0.2, 1.0)) as slack,
        Balancer() as balancer,
        bot_in(slack, folder / "one", database_url=url, **settings) as one,
        bot_in(slack, folder / "two", database_url=url, **settings) as two,
    ):
        balancer.backends = [one.url, two.url]
        slack.request_url = f"{balancer.url}/slack/events"
        yield Pair(slack, balancer, one, two, server, url)


def button(message: Message, name: str) -> tuple[str, str]:
    """The block and the id of a message's first button whose id begins so."""
    return next(
        (block.get("block_id", f"b{place}"), element["action_id"])
        for place, block in enumerate(message.blocks or [])
        for element in [*block.get("elements", []), block.get("accessory") or {}]
        if element.get("action_id", "").startswith(name)
    )


async def test_what_a_balancer_spreads_over_two_replicas_is_done_once_whoever_gets_it(
    tmp_path: Path, postgres_server: Server, postgres_url: str
) -> None:
    async with pair_in(tmp_path, postgres_server, postgres_url) as pair:
        slack, balancer = pair.slack, pair.balancer
        alice = slack.add_user("alice")
        ops, direct = slack.add_channel("ops", members=[alice]), slack.direct_channel(alice)

        balancer.twice, balancer.lose = True, 3  # each comes to both at once, some once more after that
        files = [
            await slack.share(alice, ops, f"{n}.txt", f"runbook {n}: the failover".encode()) for n in range(4)
        ]
        for file in files:
            assert (await verdict(slack, file.ts)).text.startswith("Indexed ")
        asked = [await slack.say(alice, direct, f"where is runbook {n}?") for n in range(2)]
        await slack.until(lambda: all(len(slack.messages(direct, ts)) > 1 for ts in asked))
        await caught_up(slack, pair.one)
        assert balancer.lose == 0
        sent = [one for one in slack.deliveries if one.kind == "events_api"]
        assert sum(one.attempts for one in sent) >= len(sent) + 3
        assert {one.outcome for one in sent} == {"acked"}
        assert pair.number("inbox_event") == len({one.payload["event_id"] for one in sent})
        assert pair.rows("SELECT DISTINCT attempts FROM document") == [(1,)]
        assert [len(slack.messages(ops, file.ts)) for file in files] == [2] * 4
        assert [len(slack.messages(direct, ts)) for ts in asked] == [2] * 2

        balancer.twice = False
        balancer.taken.clear()
        for number in range(2):
            before = len(slack.ephemerals(alice))
            answer = await ask(slack, alice, ops, f"/fm search runbook {number} failover")
            assert f"{number}.txt" in shown(answer)
            assert len(slack.ephemerals(alice)) == before + 1
        assert set(balancer.taken.values()) == {1}, "each replica answered one"
        block_id, action_id = button(answer, "fm_context")
        for pressed in range(2):  # on either replica, whoever answered the search
            before = len(slack.ephemerals(alice))
            assert await slack.press(alice, ops, answer.ts, action_id, block_id=block_id) is None
            await slack.until(partial(told_more, slack, alice, before))
            assert len(slack.ephemerals(alice)) == before + 1, pressed
        assert set(balancer.taken.values()) == {2}
        await caught_up(slack, pair.one)
        assert pair.number("search_log") == 2 + 2


async def test_who_presses_stop_stops_an_answer_that_another_replica_writes(
    tmp_path: Path, postgres_server: Server, postgres_url: str
) -> None:
    async with (
        CohereServer() as cohere,
        pair_in(
            tmp_path, postgres_server, postgres_url, co_api_key=cohere.key, co_api_url=cohere.url
        ) as pair,
    ):
        slack = pair.slack
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        lines = [f"Step {n}: the standby of shard {n} is promoted with pg_promote." for n in range(8)]
        file = await slack.share(alice, ops, "shards.txt", "\n\n".join(lines).encode())
        await verdict(slack, file.ts)
        cohere.behaviour = Behaviour(lambda _question, found: f"{found[0].text} [1]", hang_after=60)
        pair.balancer.backends = [pair.one.url]
        ts = await mention(slack, alice, ops, "how is the standby promoted?")
        answer = await slack.wait_for(lambda m: m.thread_ts == ts and m.streaming and "shard 1" in m.text)
        writer, eldest = pair.rows("SELECT t.holder, r.id FROM turn t, replica r ORDER BY r.number LIMIT 1")[
            0
        ]
        assert writer == eldest

        pair.balancer.backends = [pair.two.url]
        await slack.stop_answer(alice, ops, ts)
        await slack.until(lambda: STOPPED_WORDS in shown(answer))
        assert not answer.streaming
        assert len(slack.messages(ops, ts)) == 2
        await slack.until(lambda: pair.number("turn WHERE answered_at IS NULL") == 0)
        stop = "inbox_event WHERE type = 'agent_session_stopped' AND holder <> "
        assert pair.number(f"{stop}'{writer}'") == 1, "the other replica was told"


async def test_of_two_replicas_that_finish_one_installation_one_does_and_both_serve_it(
    tmp_path: Path, postgres_url: str
) -> None:
    key = new_key()
    async with (
        SlackHost.serve(Playground(delivery="http", team_id="T0ACME001")) as host,
        Balancer() as balancer,
    ):
        [slack] = host.workspaces.values()
        host.redirect_uris.add(f"{balancer.url}/slack/oauth_redirect")

        def settings(name: str) -> Settings:
            return settings_of(
                host,
                tmp_path / name,
                encryption_key=key,
                database_url=postgres_url,
                public_url=balancer.url,
            )

        async with (
            running(settings("one"), pace=HURRY) as one,
            running(settings("two"), pace=HURRY) as two,
            browser() as session,
        ):
            balancer.backends = [one.url, two.url]
            slack.request_url = f"{balancer.url}/slack/events"
            back = await allow(session, await begin(session, balancer.url), "T0ACME001")

            async def finish() -> tuple[int, str]:
                async with session.get(back) as page:
                    return page.status, await page.text()

            (worse, refused), (better, done) = sorted(
                await asyncio.gather(finish(), finish()), key=lambda page: -page[0]
            )
            assert (better, worse) == (200, 400)
            assert "/invite @faultmaven" in done
            assert "finished or given up before" in refused
            assert "/slack/install" in refused, "and where to begin anew"
            assert host.accesses == ["ok"]
            assert set(balancer.taken.values()) == {1, 2}

            alice = slack.add_user("alice")
            ops = slack.add_channel("ops", [alice, slack.bot_user])
            file = await slack.share(alice, ops, "runbook.txt", b"The gearbox pressure is 3 bar.")
            assert (await verdict(slack, file.ts)).text.startswith("Indexed ")
            for _ in range(2):
                assert "3 bar" in shown(await ask(slack, alice, ops, "/fm search gearbox pressure"))

            slack.workspace.uninstall()
            await caught_up(slack, one)
            calls = len(slack.calls)
            for _ in range(2):
                await slack.command(alice, ops, "/fm search gearbox pressure")
            assert len(slack.calls) == calls, "neither has anything left to answer with"
