"""Replicas that are killed, frozen and told to stop, and a Postgres that restarts, while files arrive."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from bot.playground.server import Playground
from support.fleet import LEASE_S, Fleet, fleet
from support.postgres import Server

FREEZE_S = 8.0
START_S = 20.0


@dataclass(frozen=True, slots=True)
class Weather:
    """How many of which disturbances, the pause between two, and how many files arrive meanwhile."""

    files: int
    kills: int
    freezes: int = 0
    terms: int = 0
    restarts: int = 0
    replicas: int = 3
    pause_s: tuple[float, float] = (0.5, 2.0)
    freeze_s: float = FREEZE_S
    lease_s: float = LEASE_S
    seed: int = 1
    rest_s: float = 180.0
    """How long the replicas may take to finish when it is over."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`lost` to `unanswered` must be 0; `begun_again` is work that disturbances cost.

    `ended_alone` are replicas that nobody had told to, say since Postgres was away when they started.
    `second_replies` can only be of posts that were under way when their process died.
    """

    files: int
    lost: int
    unfinished: int
    not_found: int
    duplicate_vectors: int
    orphan_vectors: int
    failed: int
    unanswered: int
    second_replies: int
    begun_again: int
    ended_alone: int
    drain_s: float
    elapsed_s: float


def _silent(_words: str) -> None:
    """Nobody watches."""


async def storm(
    folder: Path, server: Server, url: str, weather: Weather, tell: Callable[[str], None] = _silent
) -> Aftermath:
    """Let it rage, then let the replicas finish, and look at what is left; `tell` how far it is."""
    rng = random.Random(weather.seed)  # noqa: S311  # moments to kill at
    started = time.monotonic()
    async with (
        Playground.serve(ack_timeout_s=1.0, retry_delays_s=(0.2, 0.5) + (1.0,) * 200) as slack,
        fleet(slack, url, folder, weather.replicas, weather.lease_s) as replicas,
    ):
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        shared: list[str] = []
        plan = (
            ["kill"] * weather.kills
            + ["freeze"] * weather.freezes
            + ["term"] * weather.terms
            + ["restart"] * weather.restarts
        )
        rng.shuffle(plan)
        doers: dict[str, Callable[[], Awaitable[None]]] = {
            "kill": lambda: _replace(replicas, rng, signal.SIGKILL),
            "term": lambda: _replace(replicas, rng, signal.SIGTERM),
            "restart": lambda: asyncio.to_thread(server.restart),
            "freeze": lambda: _freeze(replicas, rng, weather.freeze_s),
        }
        ended_alone = 0
        for place, what in enumerate(plan):
            for _ in range(_due(weather.files, place + 1, len(plan)) - len(shared)):
                shared.append(await _share(slack, alice, ops, len(shared)))
            await asyncio.sleep(rng.uniform(*weather.pause_s))
            ended_alone += await _replace_ended(replicas)
            await doers[what]()
            finished = len(_finished(_replies(slack, ops)))
            tell(f"{place + 1}/{len(plan)} {what}: {len(shared)} shared, {finished} finished")
        ended_alone += await _replace_ended(replicas)
        calm_at = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(weather.rest_s):
                await slack.until(lambda: _finished(_replies(slack, ops)).issuperset(shared), weather.rest_s)
                await _handled(server, url)
        drain_s = time.monotonic() - calm_at
        said = _replies(slack, ops)
        return Aftermath(
            files=len(shared),
            lost=len(shared) - _count(server, url, "SELECT count(*) FROM document"),
            unfinished=_count(server, url, _UNFINISHED),
            not_found=_count(server, url, _NOT_FOUND),
            duplicate_vectors=_count(server, url, _DUPLICATES),
            orphan_vectors=_count(server, url, _ORPHANS),
            failed=_count(server, url, "SELECT count(*) FROM document WHERE status = 'failed'"),
            unanswered=len(set(shared) - _finished(said)),
            second_replies=sum(max(len(said[ts]) - 1, 0) for ts in shared),
            begun_again=_count(server, url, "SELECT coalesce(sum(attempts - 1), 0)::int FROM document"),
            ended_alone=ended_alone,
            drain_s=round(drain_s, 1),
            elapsed_s=round(time.monotonic() - started, 1),
        )


_WAITING = "SELECT count(*) FROM inbox_event WHERE processed_at IS NULL AND parked_at IS NULL"
_UNFINISHED = "SELECT count(*) FROM document WHERE status IN ('pending', 'processing')"
_IN_INDEX = "SELECT document_id, count(*) AS rows FROM faultmaven_index.document GROUP BY document_id"
_DUPLICATES = f"""
    SELECT coalesce(sum(rows - 1), 0)::int FROM ({_IN_INDEX}) AS held
"""  # noqa: S608  # constants
"""Generations beside the one that is found; of chunks and vectors a key lets no second one in."""
_ORPHANS = f"""
    SELECT count(*) FROM ({_IN_INDEX}) AS held WHERE document_id NOT IN (SELECT id FROM public.document)
"""  # noqa: S608  # constants
_NOT_FOUND = """
    SELECT count(*) FROM public.document AS d WHERE status = 'indexed' AND NOT EXISTS (
        SELECT 1 FROM faultmaven_index.document AS held
        JOIN faultmaven_index.shown ON shown.document = held.id
        WHERE held.document_id = d.id AND held.generation = d.indexed_generation
        AND (SELECT count(*) FROM faultmaven_index.chunk WHERE document = held.id) = d.chunks
    )
"""


def _due(files: int, place: int, places: int) -> int:
    return files * place // places


async def _share(slack: Playground, user: str, channel: str, number: int) -> str:
    data = f"runbook {number}: failover of replica {number}\n".encode() * 3
    return (await slack.share(user, channel, f"{number}.txt", data)).ts


def _replies(slack: Playground, channel: str) -> defaultdict[str, list[str]]:
    """What stands in each thread below its first message: one look, however many there are."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for message in slack.workspace.messages[channel].values():
        if message.thread_ts not in {None, message.ts} and not message.deleted:
            found[str(message.thread_ts)].append(message.text)
    return found


def _finished(replies: Mapping[str, Sequence[str]]) -> set[str]:
    """The files that have their verdict."""
    return {
        ts for ts, said in replies.items() if any(one.startswith(("Indexed ", "Could not")) for one in said)
    }


async def _replace(replicas: Fleet, rng: random.Random, how: signal.Signals) -> None:
    """One ends, another takes its place; the next disturbance comes when that one is up, or never will be."""
    await replicas.end(rng.choice(replicas.replicas), how)
    await replicas.start()
    sockets, wanted = replicas.slack.socket, len(replicas.replicas)
    with suppress(TimeoutError):
        await replicas.slack.until(lambda: sockets.connections >= wanted, START_S)


async def _replace_ended(replicas: Fleet) -> int:
    """What keeps replicas running starts another for each that ended by itself; how many did."""
    ended = [one for one in replicas.replicas if one.returncode is not None]
    for one in ended:
        await replicas.end(one)
        await replicas.start()
    return len(ended)


async def _freeze(replicas: Fleet, rng: random.Random, seconds: float) -> None:
    frozen = rng.choice(replicas.replicas)
    frozen.send_signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    frozen.send_signal(signal.SIGCONT)


def _count(server: Server, url: str, statement: str) -> int:
    return int(server.execute(statement, str(make_url(url).database))[0][0])


async def _handled(server: Server, url: str) -> None:
    """Wait until no event waits any more."""
    while True:
        if not await asyncio.to_thread(_count, server, url, _WAITING):
            return
        await asyncio.sleep(0.2)
