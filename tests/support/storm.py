"""kill -9 at random moments: the bot's own process against a local Slack that goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from bot.app.core import open_database
from bot.app.providers import open_providers
from bot.domain import DocumentId, WorkspaceId
from bot.ingest.reconcile import reconcile
from bot.playground.server import Playground
from bot.settings import Settings, variable_of
from support.bot import settings_for
from support.cohere_server import CohereServer

REST_S, REST_A_FILE_S = 120.0, 0.5
"""How long what is left after the last kill may take; it only bounds a failing run."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What a storm left behind. `stray_replies` counts second replies to a file, `unanswered` and
    `answered_twice` questions asked in direct messages meanwhile, `begun_again` jobs that a
    kill cut off, `embedded_again` texts that were embedded more than once (-1: not counted, it needs a
    vendor); the rest must be 0.
    """

    kills: int
    files: int
    lost: int
    twice: int
    disagreeing: int
    stray_replies: int
    unanswered: int
    answered_twice: int
    begun_again: int
    embedded_again: int


async def storm(
    folder: Path,
    files: Sequence[tuple[str, bytes]],
    kills: int,
    seed: int,
    longest_s: float = 1.5,
    cohere: CohereServer | None = None,
) -> Damage:
    """Share the files while the bot is killed `kills` times, let it finish, and look at what is left.

    With `cohere` it embeds there.
    """
    rng = random.Random(seed)  # noqa: S311  # moments to kill at
    async with Playground.serve(ack_timeout_s=1.0, retry_delays_s=(0.2, 0.5) + (1.0,) * 60) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        settings = settings_for(slack, folder)
        if cohere is not None:
            settings = settings.model_copy(
                update={"co_api_key": SecretStr(cohere.key), "co_api_url": cohere.url}
            )
        waiting = list(files)
        direct, shared, asked = slack.direct_channel(alice), [], []
        for _ in range(kills):
            bot = await _start(settings)
            for name, data in waiting[: max(1, len(files) // max(kills, 1))]:
                shared.append(await slack.share(alice, ops, name, data))
                del waiting[0]
            asked.append(await slack.say(alice, direct, "what is in the replica failover queue?"))
            await asyncio.sleep(rng.uniform(0.2, longest_s))
            await _kill(bot)
        shared += [await slack.share(alice, ops, name, data) for name, data in waiting]
        bot, rest_s = await _start(settings), REST_S + REST_A_FILE_S * len(shared)
        try:
            await slack.until(lambda: all(_verdict(slack, ops, s.ts) for s in shared), rest_s)
            await slack.until(lambda: all(len(slack.messages(direct, ts)) > 1 for ts in asked), rest_s)
            bot.send_signal(signal.SIGTERM)
            await bot.wait()
        finally:
            await _kill(bot)
        replies = [len(slack.messages(ops, file.ts)) - 1 for file in shared]
        answers = [len(slack.messages(direct, ts)) - 1 for ts in asked]
        damage, chunks = await _damage(slack, settings, kills, len(shared), replies)
        damage = replace(
            damage,
            unanswered=sum(number == 0 for number in answers),
            answered_twice=sum(number > 1 for number in answers),
        )
        if cohere is None:
            return damage
        return replace(damage, embedded_again=cohere.embedded - chunks - len(asked))


def _verdict(slack: Playground, channel: str, ts: str) -> bool:
    return any(m.text.startswith(("Indexed ", "Could not")) for m in slack.messages(channel, ts)[1:])


async def _damage(
    slack: Playground, settings: Settings, kills: int, files: int, replies: Sequence[int]
) -> tuple[Damage, int]:
    team = WorkspaceId(slack.workspace.team_id)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        index = (await open_providers(settings, stack)).index
        compared = await reconcile(database.transaction, index, team, now=0.0, repair=False)
        held = await index.inventory(team)
        async with database.transaction() as tx:
            documents = [await tx.documents.find(team, file_id) for file_id in slack.workspace.files]
            indexed = [await tx.documents.get(DocumentId(key)) for key in held]
    known = {document.id for document in documents if document is not None}
    damage = Damage(
        kills=kills,
        files=files,
        lost=sum(document is None for document in documents),
        twice=len(set(held) - known),
        disagreeing=compared.missing + compared.orphans + compared.strays + compared.moved,
        stray_replies=sum(max(number - 1, 0) for number in replies),
        unanswered=0,
        answered_twice=0,
        begun_again=sum(document.attempts - 1 for document in indexed if document),
        embedded_again=-1,
    )
    return damage, sum(of_it.chunks for of_it in held.values())


async def _start(settings: Settings) -> asyncio.subprocess.Process:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "FM_LOG_LEVEL": "error",
    }
    for field in settings.model_fields_set:
        value = getattr(settings, field)
        shown = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        environment[variable_of(field)] = shown
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "serve", env=environment)


async def _kill(bot: asyncio.subprocess.Process) -> None:
    if bot.returncode is None:
        bot.kill()
    await bot.wait()
