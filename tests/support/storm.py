"""kill -9 at random moments: the bot's own process against a local Slack that goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app.core import open_database
from bot.app.providers import DATABASE_NAME
from bot.domain import DocumentId, WorkspaceId
from bot.ingest.reconcile import reconcile
from bot.playground.server import Playground
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.settings import Settings

REST_S = 120.0


@dataclass(frozen=True, slots=True)
class Damage:
    """What a storm left behind. `stray_replies` counts second replies to a file, `begun_again` jobs that a
    kill cut off; the rest must be 0.
    """

    kills: int
    files: int
    lost: int
    twice: int
    disagreeing: int
    stray_replies: int
    begun_again: int


async def storm(
    folder: Path, files: Sequence[tuple[str, bytes]], kills: int, seed: int, longest_s: float = 1.5
) -> Damage:
    """Share the files while the bot is killed `kills` times, let it finish, and look at what is left."""
    rng = random.Random(seed)  # noqa: S311  # moments to kill at
    async with Playground.serve(ack_timeout_s=1.0, retry_delays_s=(0.2, 0.5) + (1.0,) * 60) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        waiting = list(files)
        shared = []
        for _ in range(kills):
            bot = await _start(slack, folder)
            for name, data in waiting[: max(1, len(files) // max(kills, 1))]:
                shared.append(await slack.share(alice, ops, name, data))
                del waiting[0]
            await asyncio.sleep(rng.uniform(0.2, longest_s))
            await _kill(bot)
        shared += [await slack.share(alice, ops, name, data) for name, data in waiting]
        bot = await _start(slack, folder)
        try:
            await slack.until(lambda: all(_verdict(slack, ops, s.ts) for s in shared), REST_S)
            bot.send_signal(signal.SIGTERM)
            await bot.wait()
        finally:
            await _kill(bot)
        replies = [len(slack.messages(ops, file.ts)) - 1 for file in shared]
        return await _damage(slack, folder, kills, len(shared), replies)


def _verdict(slack: Playground, channel: str, ts: str) -> bool:
    return any(m.text.startswith(("Indexed ", "Could not")) for m in slack.messages(channel, ts)[1:])


async def _damage(slack: Playground, folder: Path, kills: int, files: int, replies: Sequence[int]) -> Damage:
    team = WorkspaceId(slack.workspace.team_id)
    embeddings = LocalEmbeddingProvider()
    settings = Settings(data_dir=folder)
    async with (
        open_database(settings) as database,
        LocalIndex(folder / DATABASE_NAME, embeddings.space) as index,
    ):
        compared = await reconcile(database.transaction, index, team, now=0.0, repair=False)
        held = await index.inventory(team)
        async with database.transaction() as tx:
            documents = [await tx.documents.find(team, file_id) for file_id in slack.workspace.files]
            indexed = [await tx.documents.get(DocumentId(key)) for key in held]
    await embeddings.close()
    known = {document.id for document in documents if document is not None}
    return Damage(
        kills=kills,
        files=files,
        lost=sum(document is None for document in documents),
        twice=len(set(held) - known),
        disagreeing=compared.missing + compared.orphans + compared.strays + compared.moved,
        stray_replies=sum(max(number - 1, 0) for number in replies),
        begun_again=sum(document.attempts - 1 for document in indexed if document),
    )


async def _start(slack: Playground, folder: Path) -> asyncio.subprocess.Process:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "FM_DATA_DIR": str(folder),
        "FM_PORT": "0",
        "FM_LOG_LEVEL": "error",
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "serve", env=environment)


async def _kill(bot: asyncio.subprocess.Process) -> None:
    if bot.returncode is None:
        bot.kill()
    await bot.wait()
